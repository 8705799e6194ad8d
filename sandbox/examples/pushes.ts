// The two pushes and what has to be seen after each: everything green and running; then one environment built, no other.
import { callFunction } from './call.ts'
import type { Example } from './catalogue.ts'
import { findLockfile } from './lockfile.ts'
import type { Outcome } from './outcome.ts'
import type { Records } from './records.ts'
import { renderColumns, renderFailures, renderTable } from './table.ts'
import { watchPush } from './watch.ts'

export interface Exercise {
  examples: Example[]
  /** The working copy. */
  folder: string
  /** Sluice's address. */
  url: string
  records: Records
  /** Commits everything and pushes; resolves to the commit. */
  push(message: string): Promise<string>
  say(line: string): void
}

const giveUpMs = 60 * 60_000

/** Resolves to what is green. */
export async function pushAll(exercise: Exercise): Promise<Outcome[]> {
  const { examples, folder, say } = exercise
  const startedAt = Date.now()
  say(`Pushing ${examples.length} projects …`)
  const outcomes = await pushAndWatch(exercise, 'Add the projects')
  const seconds = Math.round((Date.now() - startedAt) / 1_000)
  const rows = outcomes.map(async outcome => {
    const root = examples.find(one => one.name === outcome.environment.name)?.root ?? '.'
    return { outcome, lockfile: await findLockfile(folder, root) }
  })
  say(`\n${renderTable(await Promise.all(rows))}`)
  say(renderFailures(outcomes))
  const green = outcomes.filter(one => one.state === 'succeeded')
  say(`${green.length} of ${examples.length} are green, after ${seconds} s.`)
  return green
}

/** One function of each environment, over the public API. */
export async function callAll(
  { examples, url, records, say }: Exercise,
  outcomes: Outcome[],
): Promise<boolean> {
  say('\nCalling a function of each …')
  const lines: string[][] = []
  let good = true
  for (const { environment } of outcomes) {
    const call = examples.find(one => one.name === environment.name)?.call
    if (!call) continue
    const { wrong, result } = await callFunction(url, await records.token(environment.id), call)
    if (wrong !== null) good = false
    lines.push([wrong === null ? '✔' : '✘', environment.name, call.function, wrong ?? JSON.stringify(result)])
  }
  say(renderColumns(lines))
  return good
}

/** `change` changes what a function's file does. Resolves to whether its environment was built and no other. */
export async function pushOneChange(
  exercise: Exercise,
  before: Outcome[],
  change: (file: string) => Promise<void>,
): Promise<boolean> {
  const { examples, say } = exercise
  const name = examples[0]?.name ?? ''
  const file = before.find(one => one.environment.name === name)?.functions[0]?.file ?? ''
  await change(file)
  say(`\nPushing again, with ${file} changed …`)
  const outcomes = await pushAndWatch(exercise, `Change ${file}`)
  const built = outcomes.filter(one => one.state !== 'unchanged').map(one => one.environment.name)
  const unchanged = outcomes.length - built.length
  say(`\n${built.length} built (${built.join(', ')}), ${unchanged} unchanged.`)
  return built.length === 1 && built[0] === name
}

async function pushAndWatch({ examples, records, push, say }: Exercise, message: string): Promise<Outcome[]> {
  const sha = await push(message)
  const outcomes = await watchPush({
    read: () => records.outcomes(sha),
    expected: examples.map(one => one.name),
    say,
    giveUpMs,
  })
  return examples.flatMap(({ name }) => outcomes.filter(one => one.environment.name === name))
}
