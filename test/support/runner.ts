// The Runner's port for tests: one attempt through a real one, and a run of calls for one that is made up of what an attempt does.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Exit, NotBegun } from '../../src/executions/outcome.ts'
import type { Attempt, Call, Runner } from '../../src/executions/ports.ts'

export function runOne(
  runner: Pick<Runner, 'run'>,
  attempt: Attempt,
  signal: AbortSignal = new AbortController().signal,
  mayBegin: Call['mayBegin'] = () => true,
): Promise<Exit | NotBegun> {
  const { promise, resolve, reject } = Promise.withResolvers<Exit | NotBegun>()
  runner.run([{ attempt, signal, mayBegin, beginByMs: () => Infinity, ended: resolve }]).catch(reject)
  return promise
}

/** Calls one after another, each behind another by its time or not at all. */
export function inTurn(run: (attempt: Attempt, signal: AbortSignal) => Promise<Exit>): Runner['run'] {
  return async calls => {
    let before: Promise<unknown> | null = null
    const all = calls.map(call => (before = take(call, before)))
    await Promise.all(all)
  }
  async function take(call: Call, before: Promise<unknown> | null): Promise<void> {
    if (await mayBegin(call, before)) return call.ended(await run(call.attempt, call.signal))
    call.ended({ kind: 'not_begun' })
    await before // the turn of the next comes with the end of that
  }
}

async function mayBegin(call: Call, before: Promise<unknown> | null): Promise<boolean> {
  if (before === null) return call.mayBegin()
  const beginByMs = call.beginByMs()
  const late = sleep(Math.max(0, beginByMs - performance.now())).then(() => false)
  return Promise.race([before.then(() => performance.now() < beginByMs), late])
}
