// Admits the build of a commit into an environment: one row and its job in one transaction, or the build that is there
// already. Older ones under way are superseded: what they would make live is no longer wanted.
import { lockEnvironment } from '../environments/store.ts'
import type { Core } from '../events/outbox.ts'
import type { Event } from '../events/types.ts'
import { admitBuild } from './admission.ts'
import { endBuilds, insertBuild, listForAdmission } from './admission-store.ts'
import type { Commit } from './ports.ts'

interface Request {
  environmentId: string
  commit: Commit
  ref: string
  /** Build this commit once more, although its newest build is finished. */
  again: boolean
  actor: string
}

/** Resolves to the build's id; null: the environment is closed. */
export function admit(core: Core, request: Request): Promise<string | null> {
  return core.db.transaction(async tx => {
    const environment = await lockEnvironment(tx, request.environmentId)
    if (environment.closedAt) return null
    const { commit, ref, actor } = request
    const decision = admitBuild(await listForAdmission(tx, environment.id), commit.sha, request.again)
    const ended = await endBuilds(tx, decision.supersede, 'superseded')
    const base = {
      repositoryId: environment.repositoryId,
      environmentId: environment.id,
      pullNumber: environment.pullNumber,
      actor,
    }
    const superseded = ended.map(
      (build): Event => ({ ...base, type: 'build.superseded', buildId: build.id, data: { by: commit.sha } }),
    )
    if (decision.kind === 'known') {
      await core.append(tx, ...superseded)
      return decision.buildId
    }
    const buildId = await insertBuild(tx, {
      ...commit,
      environmentId: environment.id,
      number: decision.number,
      ref,
    })
    await core.append(tx, ...superseded, {
      ...base,
      type: 'build.queued',
      buildId,
      data: { sha: commit.sha },
    })
    await core.jobs.send(tx, 'build', { buildId }, environment.id)
    return buildId
  })
}
