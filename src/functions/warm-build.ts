// Before a build goes live: what it would change of functions that run just now is warmed (warm.ts). Decided without a lock
// and for nothing but that; the release decides again, for good.
import type { Db } from '../db/client.ts'
import { findEnvironment } from '../environments/store.ts'
import type { Core } from '../events/outbox.ts'
import { diffFunctions } from './diff.ts'
import { fingerprint, type Manifest } from './manifest.ts'
import { overlaysInForce } from './overlays-store.ts'
import { hasRunLately } from './starts-store.ts'
import { findVersions, listFunctions } from './store.ts'
import { plannedVersionId } from './version-id.ts'
import { warm } from './warm.ts'
import type { ToWarm } from './warm-channels.ts'

type Asking = Pick<Core, 'db' | 'pool'>

export async function warmBuild(
  { db, pool }: Asking,
  environmentId: string,
  manifest: Manifest,
): Promise<void> {
  if (await hasRunLately(db, environmentId)) await warm(pool, await changedBy(db, environmentId, manifest))
}

/** For a deploy: nothing goes live in an environment that is pinned or closed. */
export async function warmDeploy(core: Asking, environmentId: string, manifest: Manifest): Promise<void> {
  const { db } = core
  const environment = await findEnvironment(db, environmentId)
  const overlays = await overlaysInForce(db, environmentId)
  if (environment?.closedAt || overlays.some(one => one.kind === 'pin')) return
  await warmBuild(core, environmentId, manifest)
}

async function changedBy(db: Db, environmentId: string, manifest: Manifest): Promise<ToWarm[]> {
  const live = await listFunctions(db, environmentId)
  const prints = manifest.map(one => ({ name: one.name, fingerprint: fingerprint(one) }))
  const changes = diffFunctions(
    live.map(one => ({
      name: one.name,
      fingerprint: one.version?.fingerprint ?? null,
      archived: one.archivedBecause,
    })),
    prints,
  )
  const changed = new Set(changes.changed)
  const idOf = new Map(live.map(one => [one.name, one.id]))
  const known = await findVersions(
    db,
    live.filter(one => changed.has(one.name)).map(one => one.id),
  )
  return manifest.flatMap(one => {
    const functionId = changed.has(one.name) ? idOf.get(one.name) : undefined
    if (functionId === undefined) return []
    const print = fingerprint(one)
    const version = known.find(it => it.functionId === functionId && it.fingerprint === print)
    const versionId = version?.id ?? plannedVersionId(functionId, print)
    const { bundleDigest, sourceMapDigest } = version ?? one
    return [{ environmentId, functionId, versionId, bundleDigest, sourceMapDigest }]
  })
}
