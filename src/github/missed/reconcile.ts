// The state scan that makes lost webhooks harmless, at start and every five minutes: installations and their repositories, then
// where each repository's branches and pull requests stand, then previews whose request is closed. One process does a round;
// what fails of it is logged, the rest goes on, and the next round sees it again.
import type { Source } from '../../builds/ports.ts'
import { messageOf } from '../../errors.ts'
import type { Core } from '../../events/outbox.ts'
import type { Log } from '../../log.ts'
import { every, type Service } from '../../service.ts'
import type { Octokit } from '../client/client.ts'
import { createConditional } from '../client/conditional.ts'
import type { InstallationDeps } from '../installations.ts'
import { claimRound, forgetRound, readSetting, writeSetting } from '../store.ts'
import { closeGone, type Gone } from './close-gone.ts'
import { listReachable } from './heads-store.ts'
import { reconcileHeads } from './reconcile-heads.ts'
import { reconcileInstallations } from './reconcile-installations.ts'

export interface ReconcileDeps {
  core: Core
  source: Source
  installation: InstallationDeps
  octokitFor(installationId: number): Promise<Pick<Octokit, 'request'>>
  asApp(): Promise<Pick<Octokit, 'request'>>
  syncBranch(input: { repositoryId: number; branch: string }): Promise<unknown>
  syncPull(input: { repositoryId: number; number: number }): Promise<unknown>
  log: Log
}

export interface Round {
  /** "acme/shop main", "acme/shop pull 7" */
  synced: string[]
  closed: Gone[]
  failed: number
}

const roundName = 'reconcile'
const lookedKey = 'reconciled'
const intervalMs = 5 * 60_000
/** How soon one that is asked for in between is begun. */
const lookMs = 15_000
const startMs = 5_000

export function createReconciliation(deps: ReconcileDeps): Service {
  const round = reconciliation(deps)
  let isFirst = true
  return every('reconciliation', lookMs, deps.log, async signal => {
    const claimed = await claimRound(deps.core.db, roundName, isFirst ? startMs : intervalMs)
    isFirst = false
    if (claimed) await round(signal)
  })
}

/** For when something became reachable again: whichever process looks next begins a round. */
export const reconcileSoon = (db: Core['db']): Promise<void> => forgetRound(db, roundName)

/** One round after the other of this process, which remembers what GitHub answered. */
export function reconciliation(deps: ReconcileDeps): (signal?: AbortSignal) => Promise<Round> {
  const conditional = createConditional()
  const { core, log } = deps
  return async signal => {
    const before = await readSetting(core.db, lookedKey)
    const lastLook = before ? new Date(before) : null
    const began = new Date()
    const done: Round = { synced: [], closed: [], failed: 0 }
    const gone: Gone[] = []
    await reconcileInstallations(deps, conditional)
    for (const repository of await listReachable(core.db)) {
      if (signal?.aborted) return done
      const called = `${repository.owner}/${repository.name}`
      try {
        const reconciled = await reconcileHeads({ deps, conditional, lastLook }, repository)
        done.synced.push(...reconciled.synced.map(key => `${called} ${key}`))
        done.failed += reconciled.failed
        gone.push(...reconciled.gone.map(number => ({ repositoryId: repository.id, number })))
      } catch (error) {
        done.failed++
        log.warn({ error, repository: repository.id }, `reconciling ${called}: ${messageOf(error)}`)
      }
    }
    if (gone.length > 0) done.closed = await closeGone(deps, gone)
    if (done.synced.length > 0) log.info({ synced: done.synced }, 'reconciled what no webhook told')
    if (done.failed === 0) await writeSetting(core.db, lookedKey, began.toISOString())
    return done
  }
}
