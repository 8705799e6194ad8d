// Makes an uploaded version of one function live, in its caller's transaction: each upload is a version of its own, also where its
// code is that of another, because what it finds in its environment may differ. A pin does not hold it: somebody asked for it.
import { createHash } from 'node:crypto'
import type { Tx } from '../db/client.ts'
import { lockEnvironment } from '../environments/store.ts'
import type { Core } from '../events/outbox.ts'
import { eventOf } from './change.ts'
import { haltStarts } from './halt-starts.ts'
import { fingerprint, type Manifest } from './manifest.ts'
import {
  activateVersion,
  ensureVersion,
  findVersions,
  insertRelease,
  lockFunction,
  setArchived,
} from './store.ts'

interface Uploaded {
  environmentId: string
  buildId: string
  functionId: string
}

export async function releaseOne(
  tx: Tx,
  core: Pick<Core, 'pool' | 'append'>,
  { environmentId, buildId, functionId }: Uploaded,
  manifest: Manifest,
): Promise<void> {
  const environment = await lockEnvironment(tx, environmentId)
  const one = await lockFunction(tx, functionId)
  const [found] = manifest
  if (!found) throw new Error(`build ${buildId} has nothing to release`)
  // It was deleted meanwhile, its environment was closed, or the code of the repository has one of its name now.
  if (one.state === 'deleted' || environment.closedAt || one.origin === 'code') return
  const print = createHash('sha256')
    .update(`${fingerprint(found)} ${buildId}`)
    .digest('hex')
  const version = await ensureVersion(tx, functionId, buildId, found, print)
  const isFirst = (await findVersions(tx, [functionId])).length === 1
  const names = [one.name]
  const changes = { added: [], changed: [], unchanged: [], archived: [], restored: [] }
  const changed = { ...changes, ...(isFirst ? { added: names } : { changed: names }) }
  await insertRelease(tx, {
    ...{ environmentId, kind: 'deploy', actor: 'upload', changes: changed },
    buildId: environment.activeBuildId ?? buildId,
  })
  const data = { kind: 'deploy', changes: changed, version: version.number }
  await core.append(tx, eventOf(environment, 'upload', 'release.activated', { functionId, data }))
  await activateVersion(tx, functionId, version.id)
  if (one.archivedBecause === 'removed_from_code') await setArchived(tx, functionId, null)
  await haltStarts(tx, core.pool, { environmentId, functionIds: [functionId] })
}
