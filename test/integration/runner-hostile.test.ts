// Hostile functions of every kind beside good ones, all at once in one runner (RELIABILITY.md R14): no good one fails, and nothing
// is left. SLUICE_HOSTILE=50 runs fifty of each; without it there is one.
import { randomUUID } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import type { Exit } from '../../src/executions/outcome.ts'
import type { AttemptLines } from '../../src/executions/ports.ts'
import { isolationOfMachine } from '../support/builder.ts'
import { hostileFunctions } from '../support/hostile-functions.ts'
import { setup } from './runner-setup.ts'

const { bubblewrap, cgroups } = await isolationOfMachine()
const each = Number(process.env.SLUICE_HOSTILE ?? 1)
const goodFunctions = 20
const atOnce = 6
const good =
  'export default async number => { await new Promise(done => setTimeout(done, 20)); return number }'

function runningWith(mark: string): string[] {
  const pids = readdirSync('/proc').filter(name => /^\d+$/.test(name))
  return pids.filter(pid => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(mark)
    } catch {
      return false
    }
  })
}

describe.runIf(bubblewrap)('hostile functions beside good ones', () => {
  test(`${each} of each: no good one fails, nothing is left`, {
    timeout: 60_000 + each * 240_000,
  }, async () => {
    const kept: AttemptLines[] = []
    const { run, runner, folder } = setup({
      isolation: isolationOfMachine,
      memoryMb: 64,
      concurrency: goodFunctions,
      keepLog: lines => void kept.push(lines),
    })
    const mark = `hostile-${randomUUID()}`
    const waiting = hostileFunctions(cgroups !== null).flatMap(one => Array.from({ length: each }, () => one))
    const ended: { fault: string; exit: Exit; as: boolean }[] = []
    let going = true

    async function runHostile(): Promise<void> {
      for (;;) {
        const one = waiting.shift()
        if (!one) return
        const { fault, code, ends, maxDurationMs = 120_000 } = one
        const exit = await run(code, { args: [mark], functionId: fault, maxDurationMs })
        ended.push({ fault, exit, as: ends.includes(exit.kind) })
      }
    }
    async function runGood(number: number): Promise<Exit[]> {
      const exits: Exit[] = []
      do
        exits.push(
          await run(good, { args: [number], functionId: `good ${number}`, versionId: `good ${number}` }),
        )
      while (going && exits.length < 10_000)
      return exits
    }
    const goods = Array.from({ length: goodFunctions }, (_, number) => runGood(number))
    await Promise.all(Array.from({ length: atOnce }, runHostile))
    going = false

    for (const [number, exits] of (await Promise.all(goods)).entries())
      expect(exits.filter(exit => exit.kind !== 'returned' || exit.result !== String(number))).toEqual([])
    expect(ended.filter(one => !one.as)).toEqual([])
    await runner.stop()
    for (const left of [mark, folder])
      await vi.waitFor(() => expect(runningWith(left)).toEqual([]), { timeout: 60_000, interval: 100 })
    expect(existsSync(path.join(folder, 'homes'))).toBe(false)
    const bytes = kept.flatMap(one => one.lines).reduce((sum, line) => sum + line.text.length, 0)
    expect(bytes / each).toBeLessThan(5 * 1024 * 1024)
    expect(kept.flatMap(one => one.lines).filter(line => line.text.includes('\0'))).toEqual([])
  })
})

test('what ends as its time ends is one of the two, and the next call has its own end', async () => {
  const { run } = setup()
  const code =
    'export default async ms => { if (ms) await new Promise(done => setTimeout(done, ms)); return ms }'
  await run(code, { args: [0] })
  for (let round = 0; round < 20; round++) {
    const exit = await run(code, { args: [60], maxDurationMs: 58 + (round % 6) })
    expect(['returned', 'timed_out']).toContain(exit.kind)
    expect(await run(code, { args: [0] })).toEqual({ kind: 'returned', result: '0' })
  }
})
