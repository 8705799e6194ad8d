// Several calls of one version in one process, which has them all before the first begins: each ends as it would alone, and one
// behind another begins by its time or not at all.
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Exit, NotBegun } from '../../src/executions/outcome.ts'
import type { AttemptLines, Call } from '../../src/executions/ports.ts'
import { until } from './executions-setup.ts'
import { setup } from './runner-setup.ts'

const soon = () => performance.now() + 60_000

function place() {
  const kept: AttemptLines[] = []
  const here = setup({ keepLog: lines => void kept.push(lines) })
  async function run(code: string, all: { args: unknown[]; beginByMs?: number; signal?: AbortSignal }[]) {
    const digest = await here.artifacts.put(Buffer.from(code))
    const sourceMapDigest = await here.artifacts.put(Buffer.from('{"version":3,"sources":[],"mappings":""}'))
    const exits: (Exit | NotBegun | null)[] = all.map(() => null)
    const calls = all.map(({ args, signal, beginByMs = soon() }, index): Call => {
      const version = { environmentId: 'env1', functionId: 'f1', versionId: digest, bundleDigest: digest }
      const about = { executionId: `e${index}`, number: 1, functionName: 'one', maxDurationMs: 60_000 }
      return {
        attempt: { ...version, ...about, sourceMapDigest, arguments: JSON.stringify(args) },
        signal: signal ?? new AbortController().signal,
        mayBegin: () => true,
        beginByMs: () => beginByMs,
        ended(exit) {
          expect(exits[index]).toBeNull()
          exits[index] = exit
        },
      }
    })
    const done = here.runner.run(calls)
    return { exits, done }
  }
  const whole = async (...args: Parameters<typeof run>) => {
    const { exits, done } = await run(...args)
    await done
    return exits
  }
  return { ...here, begin: run, whole, kept }
}

const value = (exit: Exit | NotBegun | null | undefined) =>
  exit?.kind === 'returned' ? JSON.parse(exit.result ?? 'null') : exit?.kind

describe('calls in turn', () => {
  test('run one after another in one process, each to its own end', async () => {
    const code = `let running = 0
      export default async number => {
        if (++running > 1) throw new Error('at once')
        await new Promise(done => setTimeout(done, 5))
        running--
        if (number === 2) throw new Error('two')
        return [number, process.pid]
      }`
    const exits = await place().whole(
      code,
      [1, 2, 3, 4].map(number => ({ args: [number] })),
    )
    expect(exits.map(value).map(one => (Array.isArray(one) ? one[0] : one))).toEqual([1, 'threw', 3, 4])
    expect(new Set(exits.map(value).flatMap(one => (Array.isArray(one) ? [one[1]] : []))).size).toBe(1)
  })

  test('behind one that holds are given up in time, without waiting for it, and the process goes on', async () => {
    const { begin, whole, folder } = place()
    const go = path.join(folder, 'go')
    const code = `import fs from 'node:fs'
      export default async (file, number) => {
        while (file && !fs.existsSync(file)) await new Promise(done => setTimeout(done, 5))
        return [number, process.pid]
      }`
    const beginByMs = performance.now() + 2_000
    const calls = [{ args: [go, 1] }, { args: ['', 2], beginByMs }, { args: ['', 3], beginByMs }]
    const { exits, done } = await begin(code, calls)
    await until(async () => exits[1] !== null && exits[2] !== null)
    expect(exits.map(exit => exit?.kind)).toEqual([undefined, 'not_begun', 'not_begun'])
    await import('node:fs/promises').then(fs => fs.writeFile(go, ''))
    await done
    const [again] = await whole(code, [{ args: ['', 4] }])
    expect(value(again)).toEqual([4, value(exits[0])[1]])
  })

  test('behind one that blocks the process do not begin when it is free again', async () => {
    const { whole, folder } = place()
    const file = path.join(folder, 'called')
    const code = `import fs from 'node:fs'
      export default (blockMs, file) => {
        if (file) fs.writeFileSync(file, '')
        for (const end = Date.now() + blockMs; Date.now() < end;);
        return 1
      }`
    await whole(code, [{ args: [0] }])
    const beginByMs = performance.now() + 300
    const exits = await whole(code, [{ args: [1_500] }, { args: [0, file], beginByMs }])
    expect(exits.map(exit => exit?.kind)).toEqual(['returned', 'not_begun'])
    expect(existsSync(file)).toBe(false)
  })

  test('whose time is over when they reach the process do not begin, and the process stays', async () => {
    const { whole } = place()
    const code = 'let calls = 0; export default () => [process.pid, ++calls]'
    const [first] = await whole(code, [{ args: [] }])
    const beginByMs = performance.now()
    const late = await whole(code, [
      { args: [], beginByMs },
      { args: [], beginByMs },
    ])
    expect(late.map(exit => exit?.kind)).toEqual(['not_begun', 'not_begun'])
    const [again] = await whole(code, [{ args: [] }])
    expect(value(again)).toEqual([value(first)[0], 2])
  })

  test.each([
    ['exits', 'process.exit(3)', 'exited'],
    ['leaves a timer', 'setTimeout(() => {}, 60_000)', 'returned'],
  ])('behind one that %s do not begin', async (_, what, kind) => {
    const { whole, folder } = place()
    const file = path.join(folder, 'called')
    const code = `import fs from 'node:fs'
      export default number => {
        fs.appendFileSync(${JSON.stringify(file)}, String(number))
        if (number === 2) ${what}
        return number
      }`
    const exits = await whole(
      code,
      [1, 2, 3, 4].map(number => ({ args: [number] })),
    )
    expect(exits.map(exit => exit?.kind)).toEqual(['returned', kind, 'not_begun', 'not_begun'])
    expect(readFileSync(file, 'utf8')).toBe('12')
  })

  test('a result too large to be read at once is not lost with the process of the next', async () => {
    const code = `export default number => number === 2 ? process.exit(3) : 'x'.repeat(3_000_000)`
    const exits = await place().whole(code, [{ args: [1] }, { args: [2] }])
    expect(exits.map(exit => exit?.kind)).toEqual(['returned', 'exited'])
    expect(value(exits[0])).toHaveLength(3_000_000)
  })

  test('what each says is its own', async () => {
    const { whole, kept } = place()
    const code = `export default number => {
      console.log('by console', number)
      return number
    }`
    await whole(
      code,
      Array.from({ length: 50 }, (_, number) => ({ args: [number] })),
    )
    const said = () => kept.map(one => [one.executionId, one.lines.map(line => line.text)])
    await until(async () => said().length === 50)
    expect(said().sort()).toEqual(
      Array.from({ length: 50 }, (_, number) => [`e${number}`, [`by console ${number}`]]).sort(),
    )
  })

  test('one that is cancelled before its turn ends, and the others run', async () => {
    const cancelled = AbortSignal.abort('aborted')
    const later = new AbortController()
    const { begin } = place()
    const code = 'export default async ms => { await new Promise(done => setTimeout(done, ms)); return 1 }'
    const calls = [
      { args: [500] },
      { args: [0], signal: cancelled },
      { args: [60_000], signal: later.signal },
    ]
    const { exits, done } = await begin(code, calls)
    later.abort('aborted')
    await done
    expect(exits.map(exit => exit?.kind)).toEqual(['returned', 'stopped', 'stopped'])
  })
})
