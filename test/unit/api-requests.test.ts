// What callers may send to the public API, byte by byte and field by field, and what they are told otherwise.
import { describe, expect, test } from 'vitest'
import { createCursors } from '../../src/api/cursor.ts'
import { parseJsonBody } from '../../src/api/json-body.ts'
import {
  EnqueueBulk,
  EnqueueV1,
  EnqueueV2,
  ListRequest,
  parseRequest,
  toCall,
  toPageRequest,
} from '../../src/api/requests.ts'
import { environmentOfRuntimeToken, runtimeToken } from '../../src/api/tokens.ts'
import { attemptStatesOf, statesOf, wireStates } from '../../src/api/wire.ts'
import { executionStates } from '../../src/db/schema/columns.ts'

const body = (text: string) => () => parseJsonBody(Buffer.from(text))

describe('a body', () => {
  test('is JSON, given back as it came', () => {
    expect(body('{"a":["é",1.5,null,{"constructor":"Ferrari"}]}')()).toEqual({
      a: ['é', 1.5, null, { constructor: 'Ferrari' }],
    })
    expect(body('')()).toBeUndefined()
  })

  test.each([
    ['no JSON', '{a:1}', 'not valid JSON'],
    ['a trailing comma', '{"a":1,}', 'not valid JSON'],
    ['depth', '['.repeat(65) + ']'.repeat(65), 'deeper than 64'],
    ['much depth', '['.repeat(100_000) + ']'.repeat(100_000), 'deeper than 64'],
    ['a NUL', '{"a":"x\\u0000"}', 'body.a contains a NUL'],
    ['a NUL in a key', '{"x\\u0000":1}', 'contains a NUL'],
    ['half a surrogate pair', '{"a":["\\ud800"]}', 'body.a.0 contains half'],
    ['a number that is none', '{"a":1e400}', 'body.a is a number too large'],
    ['__proto__', '{"a":{"__proto__":{"b":1}}}', 'body.a.__proto__: this key is not allowed'],
    ['constructor.prototype', '{"constructor":{"prototype":{}}}', 'this key is not allowed'],
  ])('with %s is refused', (_, text, reason) => {
    expect(body(text)).toThrow(reason)
  })

  test('that is not UTF-8 is refused', () => {
    expect(() => parseJsonBody(Buffer.from([0x22, 0xff, 0x22]))).toThrow('not valid UTF-8')
  })
})

describe('a call', () => {
  const call = { function_name: 'one', function_arguments: [1], schedule_for: '2030-01-01T00:00:00.000Z' }
  const pairs = (amount: number) =>
    Object.fromEntries(Array.from({ length: amount }, (_, index) => [`k${index}`, 'v']))

  test('of 2.x is understood', () => {
    const parsed = parseRequest(EnqueueV2, { ...call, metadata: pairs(25) })
    expect(parsed).toMatchObject({
      function_name: 'one',
      function_arguments: [1],
      schedule_for: new Date('2030-01-01'),
    })
  })

  test('may have a priority of whole seconds, in a list each its own', () => {
    const sent = [{ ...call, priority: 600 }, { ...call, priority: 0 }, { ...call, priority: null }, call]
    const { executions } = parseRequest(EnqueueBulk, { executions: sent })
    expect(executions.map(one => toCall(one).priority)).toEqual([600, 0, 0, 0])
    const wrong = { executions: [call, { ...call, priority: 601 }] }
    expect(() => parseRequest(EnqueueBulk, wrong)).toThrow('executions.1.priority: must be a whole number')
    expect(() => parseRequest(EnqueueV1, { name: 'one', arguments: [], priority: 1 })).toThrow('priority')
  })

  test('of 1.x may spell the time both ways', () => {
    for (const field of ['schedule_for', 'scheduled_for'])
      expect(
        parseRequest(EnqueueV1, { name: 'one', arguments: [], [field]: call.schedule_for }),
      ).toHaveProperty(field)
  })

  test.each<[string, unknown, string]>([
    ['no body', undefined, 'function_name'],
    ['null', null, 'object'],
    ['an array', [], 'object'],
    ['no name', { ...call, function_name: '' }, 'function_name'],
    ['arguments that are no list', { ...call, function_arguments: {} }, 'function_arguments'],
    ['a time that is none', { ...call, schedule_for: 'tomorrow' }, 'schedule_for: must be a date'],
    ['a day without a time', { ...call, discard_after: '2030-01-01' }, 'discard_after: must be a date'],
    ['an unknown field', { ...call, discardAfter: null }, 'discardAfter'],
    ['26 pairs of metadata', { ...call, metadata: pairs(26) }, 'more than 25 pairs'],
    ['an empty key', { ...call, metadata: { '': 'v' } }, 'metadata'],
    ['an empty value', { ...call, metadata: { a: '' } }, '1 to 256 printable ASCII'],
    ['a value of 257 characters', { ...call, metadata: { a: 'x'.repeat(257) } }, '1 to 256 printable ASCII'],
    ['a value that is not ASCII', { ...call, metadata: { a: 'é' } }, '1 to 256 printable ASCII'],
    ['a line break in a value', { ...call, metadata: { a: 'a\nb' } }, '1 to 256 printable ASCII'],
    ['a number as a value', { ...call, metadata: { a: 1 } }, 'metadata.a'],
    ['a priority of more than ten minutes', { ...call, priority: 601 }, 'priority: must be a whole number'],
    ['a priority below 0', { ...call, priority: -1 }, 'from 0 to 600'],
    ['half a priority', { ...call, priority: 1.5 }, 'priority: must be a whole number of seconds'],
    ['a priority in words', { ...call, priority: 'high' }, 'leave it out for a call that waits its turn'],
  ])('with %s is refused, naming it', (_, sent, reason) => {
    expect(() => parseRequest(EnqueueV2, sent)).toThrow(reason)
  })
})

describe('a page', () => {
  const cursors = createCursors('key', 'list')
  const page = (sent: unknown) => toPageRequest(parseRequest(ListRequest, { page: sent }), cursors)

  test('is 1 to 100 from either end', () => {
    expect(page(undefined)).toEqual({ size: 100, fromEnd: false, after: null, before: null })
    expect(page({ first: 1 })).toMatchObject({ size: 1, fromEnd: false })
    expect(page({ last: 100, before: cursors.write(7) })).toMatchObject({
      size: 100,
      fromEnd: true,
      before: 7,
    })
  })

  test.each([
    ['0', { first: 0 }],
    ['-1', { last: -1 }],
    ['101', { first: 101 }],
    ['1e9', { first: 1e9 }],
    ['1.5', { first: 1.5 }],
    ['both ends', { first: 1, last: 1 }],
    ['a cursor made up', { first: 1, after: 'bm9wZQ' }],
    ['the cursor of another list', { first: 1, after: createCursors('key', 'other').write(7) }],
    ['the cursor of another key', { first: 1, after: createCursors('other', 'list').write(7) }],
  ])('of %s is refused', (_, sent) => {
    expect(() => page(sent)).toThrow()
  })
})

describe('the words', () => {
  test('of the wire are one for each state', () => {
    expect(Object.keys(wireStates).sort()).toEqual([...executionStates].sort())
    for (const state of executionStates) expect(statesOf([wireStates[state]])).toEqual([state])
  })

  test('of attempts: a filter by a state that none has matches none', () => {
    expect(attemptStatesOf(['failed'])).toEqual(['failed', 'lost'])
    expect(attemptStatesOf(['created'])).toEqual(['created'])
    expect(attemptStatesOf([])).toEqual([])
  })
})

describe('the token of a function', () => {
  const environment = '0b0e7a3c-6a54-4d0e-9d1f-2f1f5a3c9b10'

  test('speaks for its environment and no other', () => {
    const token = runtimeToken('key', environment)
    expect(environmentOfRuntimeToken('key', token)).toBe(environment)
    expect(environmentOfRuntimeToken('other key', token)).toBeNull()
    expect(environmentOfRuntimeToken('key', token.replace('0b0e', '0b0f'))).toBeNull()
    expect(environmentOfRuntimeToken('key', `${token}x`)).toBeNull()
    expect(environmentOfRuntimeToken('key', 'slr_nonsense')).toBeNull()
  })
})
