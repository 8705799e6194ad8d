// What is known of a run when it is over, from outside (the ledger, the answers of the API, the processes) and from Sluice's
// database: all that the invariants are checked on. The processes are stopped here, as an operator would.
import { readFile } from 'node:fs/promises'
import type { CrashPoint } from '../src/crash-point.ts'
import type { Entry } from './ledger.ts'
import type { Accepted, Load } from './load.ts'
import type { Life } from './processes.ts'
import type { Schedule } from './schedule.ts'
import type { AttemptRow, ExecutionRow } from './state-store.ts'
import { leftIn } from './tree.ts'
import type { World } from './world.ts'

export interface Healed {
  healedMs: number
  /** How long new work took then. */
  progressMs: number
  /** How the last push was built. */
  lastCheck: string
}

export interface Facts extends Healed {
  accepted: readonly Accepted[]
  unanswered: number
  executions: ExecutionRow[]
  attempts: AttemptRow[]
  /** Executions seen finished while it ran, as they were then. */
  seenFinished: ReadonlyMap<string, string>
  ledger: readonly Entry[]
  lives: Life[]
  postgresAway: { fromMs: number; toMs: number }[]
  /** Commits, by the marker in their code. */
  commits: readonly string[]
  wantedPoints: CrashPoint[]
  reached: ReadonlyMap<CrashPoint, number>
  spoiled: number
  /** What the end left behind: processes, transactions, locks. */
  left: string[]
  leaks: string[]
}

export async function readFacts(
  world: World,
  load: Load,
  schedule: Schedule,
  seenFinished: ReadonlyMap<string, string>,
  healed: Healed,
): Promise<Facts> {
  const { state, ledger, folder, machines, postgres, secrets } = world
  const { processes, proxies, lives, reached } = machines
  const [executions, attempts] = [await state.executions(), await state.attempts()]
  const logs = [...processes.values()].map(one => one.logFile)
  const leaks = [...(await state.leaks(secrets)), ...(await leaksInFiles(logs, secrets))]
  const last = await Promise.all([...processes.values()].map(one => one.stop()))
  const badEnds = last.filter(one => one.code !== 0).map(one => `${one.slot} ended with ${one.code}`)
  const left = [...badEnds, ...leftIn(folder), ...(await state.heldOpen())]
  return {
    ...healed,
    accepted: load.accepted,
    unanswered: load.unanswered(),
    ...{ executions, attempts, seenFinished, ledger: ledger.entries, lives },
    postgresAway: postgres.away,
    commits: world.repository.commits,
    ...{ reached, left, leaks },
    wantedPoints: schedule.points,
    spoiled: [...proxies.values()].reduce((sum, proxy) => sum + proxy.spoiled(), 0),
  }
}

async function leaksInFiles(files: readonly string[], secrets: readonly string[]): Promise<string[]> {
  const found: string[] = []
  for (const file of files) {
    const text = await readFile(file, 'utf8')
    if (secrets.some(secret => secret !== '' && text.includes(secret))) found.push(file)
  }
  return found
}
