// Concludes what nobody concludes (overdue.ts). It runs where reports are written, not where builds are: it is there for the hour
// in which no builder is. Any number of processes may do it: a build is finished once, by whoever is first.
import type { Core } from '../events/outbox.ts'
import type { Log } from '../log.ts'
import { every, type Service } from '../service.ts'
import { overdue } from './overdue.ts'
import { fail } from './settle.ts'
import { findOrder } from './store.ts'
import { listUnderWay } from './watchdog-store.ts'

interface Deps {
  core: Core
  log: Log
  roundMs?: number
}

export function createBuildWatchdog({ core, log, roundMs = 60_000 }: Deps): Service {
  return every('build watchdog', roundMs, log, () => concludeOverdue(core, log))
}

export async function concludeOverdue(core: Core, log: Log): Promise<void> {
  for (const build of await listUnderWay(core.db)) {
    const failure = overdue(build)
    const order = failure && (await findOrder(core.db, build.id))
    if (!failure || !order || !(await fail(core, order, failure))) continue
    log.warn({ build: build.id, code: failure.code }, `build ${build.id} given up: ${failure.message}`)
  }
}
