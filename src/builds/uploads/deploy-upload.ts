// Accepts an upload for a function: in one transaction its build with its job, instead of the function's older ones under way. What
// is live stays so until that build has succeeded.
import type { Tx } from '../../db/client.ts'
import { lockEnvironment } from '../../environments/store.ts'
import type { Core } from '../../events/outbox.ts'
import { code } from '../../functions/markdown.ts'
import { lockFunction } from '../../functions/store.ts'
import { endBuilds } from '../admission/admission-store.ts'
import { insertUpload, underWayOf } from './uploads-store.ts'

export interface DeployUpload {
  environmentId: string
  functionId: string
  digest: string
  packedBytes: number
  actor: string
  /** Of the variables that came with it, for its build. */
  seal(buildId: string): string | null
}

export type Deployed =
  | { kind: 'accepted'; buildId: string }
  | { kind: 'refused'; code: string; message: string }

export async function deployUpload(tx: Tx, core: Core, request: DeployUpload): Promise<Deployed> {
  const { environmentId, functionId, actor, digest, packedBytes } = request
  const environment = await lockEnvironment(tx, environmentId)
  const one = await lockFunction(tx, functionId)
  if (environment.closedAt)
    return { kind: 'refused', code: 'environment_closed', message: `${environment.name} is closed.` }
  if (one.origin === 'code' && one.activeVersionId !== null)
    return {
      kind: 'refused',
      code: 'comes_from_code',
      message: `${code(one.name)} comes from the repository's code: push there, or give the uploaded function another name.`,
    }
  if (one.state === 'pending_deletion' || one.state === 'deleted')
    return {
      kind: 'refused',
      code: 'pending_deletion',
      message: `${code(one.name)} is going to be deleted. Cancel its deletion first, then deploy.`,
    }
  await endBuilds(tx, await underWayOf(tx, functionId), 'superseded')
  const upload = { environmentId, functionId, actor, digest, packedBytes, name: one.name }
  const buildId = await insertUpload(tx, upload, request.seal)
  const { repositoryId, pullNumber } = environment
  const about = { repositoryId, environmentId, pullNumber, functionId, actor }
  await core.append(tx, { ...about, type: 'build.queued', data: { buildId, digest } })
  await core.jobs.sendAll(tx, 'build', [{ data: { buildId }, key: buildId, group: String(repositoryId) }])
  return { kind: 'accepted', buildId }
}
