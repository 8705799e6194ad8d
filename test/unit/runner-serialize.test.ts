// What a function may return, where it says no, and how what it throws is described.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { exitOf, signalOf } from '../../src/runner/exit-kind.ts'
import { describeError } from '../../src/runner/inside/describe-error.ts'
import { serialize } from '../../src/runner/inside/serialize.ts'

describe('a result', () => {
  test('is what JSON.stringify makes of it, whatever JSON it is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), value => {
        expect(serialize(value)).toEqual({ json: JSON.stringify(value) })
      }),
    )
  })

  const shared = { a: 1 }
  test.each<[string, unknown, string | null]>([
    ['nothing', undefined, null],
    ['null', null, 'null'],
    ['a date', new Date(0), '"1970-01-01T00:00:00.000Z"'],
    ['undefined inside an object', { a: undefined, b: 1 }, '{"b":1}'],
    ['undefined inside an array', [undefined, 1], '[null,1]'],
    ['the same object twice', [shared, shared], '[{"a":1},{"a":1}]'],
    [
      'an instance of a class',
      new (class Point {
        x = 1
      })(),
      '{"x":1}',
    ],
    ['a key called __proto__', JSON.parse('{"__proto__":{"a":1}}'), '{"__proto__":{"a":1}}'],
    ['a boxed number', Object(7), '7'],
    ['a toJSON of its own', { toJSON: () => [1] }, '[1]'],
  ])('may be %s', (_, value, json) => {
    expect(serialize(value)).toEqual({ json })
  })

  const circle: Record<string, unknown> = {}
  circle.self = { again: circle }
  let deep: unknown = 1
  for (let level = 0; level < 5_000; level++) deep = [deep]
  test.each<[string, unknown, string]>([
    ['a BigInt', { rows: [{ id: 1n }] }, 'result.rows[0].id is a BigInt'],
    ['a circle', circle, 'result.self.again contains itself'],
    ['a function', { run: () => 1 }, 'result.run is a function'],
    ['a symbol', Symbol('x'), 'result is a symbol'],
    ['NaN', { 'a b': Number.NaN }, 'result["a b"] is NaN'],
    ['Infinity', [1, Number.POSITIVE_INFINITY], 'result[1] is Infinity'],
    ['a Map', new Map(), 'result is a Map'],
    ['a Set', { tags: new Set() }, 'result.tags is a Set'],
    ['an error', { reason: new TypeError('x') }, 'result.reason is a TypeError'],
    ['bytes', new Uint8Array(2), 'result is a typed array'],
    ['a promise that nobody awaited', [Promise.resolve(1)], 'result[0] is a Promise'],
    ['something nested without end', deep, 'nested deeper than 500'],
    ['more than fits', 'x'.repeat(11 * 1024 * 1024), 'larger than 10 MB'],
  ])('may not be %s', (_, value, problem) => {
    expect(serialize(value)).toEqual({ problem: expect.stringContaining(problem) })
  })
})

describe('a thrown value', () => {
  const describeIt = (thrown: unknown) => describeError(thrown, { ours: '/our/folder', bundle: '/cache/b1' })

  test('that is an error keeps its name, message and causes, five deep', () => {
    const error = new TypeError('a', { cause: new RangeError('b', { cause: 'c' }) })
    expect(describeIt(error)).toMatchObject({
      name: 'TypeError',
      message: 'a',
      cause: { name: 'RangeError', message: 'b', cause: 'c' },
    })
    const loop = new Error('loop')
    loop.cause = loop
    expect(JSON.stringify(describeIt(loop)).match(/"loop"/g)).toHaveLength(6)
  })

  test('shows no frame of ours, and the paths of the repository', () => {
    const error = new Error('a')
    error.stack = [
      'Error: a',
      '    at one (/cache/b1/defer/x.ts:1:2)',
      '    at file:///cache/b1/bundle.mjs:1:2',
      '    at run (/our/folder/child.mjs:3:4)',
      '    at process.emit (node:events:514:28)',
    ].join('\n')
    expect(describeIt(error).stack).toBe('Error: a\n    at one (defer/x.ts:1:2)\n    at bundle.mjs:1:2')
  })

  test.each<[string, unknown, string]>([
    ['a text', 'no', 'no'],
    ['an object', { code: 7 }, '{"code":7}'],
    ['an object with a message', { message: 'no' }, 'no'],
    ['a BigInt', 7n, '7'],
    ['nothing', undefined, 'undefined'],
    [
      'an object without a prototype that refuses',
      {
        toJSON: () => {
          throw new Error('x')
        },
      },
      'cannot be described',
    ],
  ])('that is %s has a message', (_, thrown, message) => {
    expect(describeIt(thrown).message).toContain(message)
  })

  test('is cut before it costs memory', () => {
    expect(describeIt(new Error('x'.repeat(1e6))).message.length).toBe(64 * 1024)
  })
})

describe('the end of a process', () => {
  const full = 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory'
  test.each([
    ['an abort with a full heap', { code: null, signal: 'SIGABRT', stderr: full }, 'out_of_memory'],
    ['another abort', { code: null, signal: 'SIGABRT', stderr: 'assertion failed' }, 'exited'],
    ['a plain exit that only talks of memory', { code: 1, signal: null, stderr: full }, 'exited'],
    ['a kill', { code: null, signal: 'SIGKILL', stderr: '' }, 'exited'],
  ])('%s is told as what it is', (_, end, kind) => {
    expect(exitOf({ ...end, started: true, memoryLimitMb: null, stoodStill: false }, 64).kind).toBe(kind)
  })

  test.each([
    ['no process at all', { code: null, signal: null, stderr: 'spawn EAGAIN' }],
    ['walls that could not be put up', { code: 1, signal: null, stderr: 'bwrap: No space left on device' }],
  ])('%s is no failure of the function', (_, end) => {
    expect(exitOf({ ...end, started: false, memoryLimitMb: null, stoodStill: false }, 64)).toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining(end.stderr),
    })
  })

  test('a kill where the limit of memory was passed tells that limit; another end then does not', () => {
    const end = {
      signal: 'SIGKILL',
      code: null,
      stderr: '',
      started: true,
      memoryLimitMb: 1_088,
      stoodStill: false,
    }
    expect(exitOf(end, 64)).toEqual({ kind: 'out_of_memory', memoryMb: 1_088 })
    expect(exitOf({ ...end, signal: null, code: 1 }, 64).kind).toBe('exited')
  })

  test('one that was ended because its worker stood still has not failed', () => {
    const end = {
      signal: 'SIGKILL',
      code: null,
      stderr: '',
      started: true,
      memoryLimitMb: null,
      stoodStill: true,
    }
    expect(exitOf(end, 64).kind).toBe('unavailable')
    expect(exitOf({ ...end, signal: null, code: 1 }, 64).kind).toBe('exited')
  })

  test('the exit code of walls tells the signal behind them', () => {
    expect([137, 134, 143].map(signalOf)).toEqual(['SIGKILL', 'SIGABRT', 'SIGTERM'])
    expect([0, 1, 127, 255, null].map(signalOf)).toEqual([null, null, null, null, null])
  })
})
