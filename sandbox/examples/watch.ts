// Waits until a push is built in every environment, and says on the way who is at which stage.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Outcome } from './outcome.ts'

const everyMs = 250

export interface Watching {
  read(): Promise<Outcome[]>
  /** Names of the environments that are to have a build of it. */
  expected: string[]
  say(line: string): void
  giveUpMs: number
}

export async function watchPush({ read, expected, say, giveUpMs }: Watching): Promise<Outcome[]> {
  const startedAt = Date.now()
  const shown = new Map<string, string>()
  for (;;) {
    const outcomes = await read()
    const finished = outcomes.filter(one => one.finished)
    for (const { environment, state } of outcomes) {
      if (shown.get(environment.name) === state) continue
      shown.set(environment.name, state)
      if (state !== 'queued')
        say(progressLine(startedAt, environment.name, state, finished.length, expected.length))
    }
    if (expected.every(name => finished.some(one => one.environment.name === name))) return outcomes
    if (Date.now() - startedAt > giveUpMs) {
      const open = expected.filter(name => !finished.some(one => one.environment.name === name))
      throw new Error(`after ${giveUpMs / 60_000} minutes these are not built: ${open.join(', ')}`)
    }
    await sleep(everyMs)
  }
}

function progressLine(startedAt: number, name: string, state: string, done: number, of: number): string {
  const elapsed = `${((Date.now() - startedAt) / 1_000).toFixed(1)} s`
  return `${elapsed.padStart(9)}  ${`${done}/${of}`.padStart(5)}  ${name.padEnd(24)} ${state}`
}
