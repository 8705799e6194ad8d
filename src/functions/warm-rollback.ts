// Before a rollback: what it goes back to is warmed (warm.ts). Found without a lock and for nothing but that; the rollback finds
// it again, for good.
import type { Db, Tx } from '../db/client.ts'
import { findEnvironment } from '../environments/store.ts'
import type { Core } from '../events/outbox.ts'
import { chooseTarget } from './rollback-target.ts'
import { hasRunLately } from './starts-store.ts'
import {
  type Build,
  findBuild,
  findFunctionByName,
  listEarlierVersions,
  releasedBuilds,
  unchangedBuilds,
} from './store.ts'
import { warm } from './warm.ts'
import { warmBuild } from './warm-build.ts'

interface Target {
  environmentId: string
  functionName: string | null
  to: string | null
}

export async function warmRollback(core: Pick<Core, 'db' | 'pool'>, target: Target): Promise<void> {
  const { environmentId, functionName } = target
  if (functionName !== null) return warmVersion(core, { ...target, functionName })
  const environment = await findEnvironment(core.db, environmentId)
  const live = environment?.activeBuildId ? await findBuild(core.db, environment.activeBuildId) : null
  if (!live) return
  const candidates = await releasedBuilds(core.db, environmentId, live.number)
  const build = await targetBuild(core.db, environmentId, candidates, target.to)
  if (build?.manifest) await warmBuild(core, environmentId, build.manifest)
}

async function warmVersion(
  { db, pool }: Pick<Core, 'db' | 'pool'>,
  { environmentId, functionName, to }: Target & { functionName: string },
): Promise<void> {
  const one = await findFunctionByName(db, environmentId, functionName)
  const version = one && chooseTarget(await listEarlierVersions(db, one), to)
  if (!version || !(await hasRunLately(db, environmentId))) return
  const { functionId, id: versionId, bundleDigest, sourceMapDigest } = version
  await warm(pool, [{ environmentId, functionId, versionId, bundleDigest, sourceMapDigest }])
}

/** A commit that changed nothing was never built: what stood for it is meant. */
export async function targetBuild(
  db: Db | Tx,
  environmentId: string,
  candidates: Build[],
  to: string | null,
): Promise<Build | null> {
  const chosen = chooseTarget(candidates, to)
  if (chosen || to === null) return chosen
  const meant = chooseTarget(await unchangedBuilds(db, environmentId), to)?.sameAsBuildId
  return candidates.find(build => build.id === meant) ?? null
}
