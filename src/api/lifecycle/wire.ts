// Rows as the contract writes them. Pure.
import type { z } from 'zod'
import type { Deletion } from '../../functions/deletions-store.ts'
import type { ShownFunction } from './lifecycle-store.ts'
import type { Changed, DeletionInfo, Deployments, FunctionBody } from './shapes.ts'

const dayMs = 86_400_000

/** ISO 8601 in UTC, whole seconds. */
export function timeOf(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, 'Z')
}

export function functionBody(one: ShownFunction, environment: string): z.input<typeof FunctionBody> {
  return {
    id: one.id,
    name: one.name,
    status: one.state,
    skip_signing: one.skipSigning,
    deployment_version: one.version,
    created_at: timeOf(one.createdAt),
    environment,
    paused: one.paused,
    archived: one.archivedAt !== null,
  }
}

type Deployment = z.input<typeof Deployments>['deployments'][number]

interface Made {
  version: { id: string; number: number; createdAt: Date }
  builtAt: Date
  imageTag: string | null
  imageDigest: string | null
}

export function deploymentBody(
  one: ShownFunction,
  { version, builtAt, imageTag, imageDigest }: Made,
): Deployment {
  const isActive = version.id === one.activeVersionId
  return {
    uuid: version.id,
    version: version.number,
    image_tag: imageTag,
    ...(imageDigest === null ? {} : { image_digest: imageDigest }),
    s3_key: `functions/${one.id}/v${version.number}.tar.gz`,
    status: isActive ? 'active' : 'inactive',
    is_active: isActive,
    created_at: timeOf(builtAt),
    deployed_at: timeOf(version.createdAt),
  }
}

export function deletionInfo(deletion: Deletion, now: Date): z.input<typeof DeletionInfo> {
  const left = deletion.executeAt.getTime() - now.getTime()
  return {
    id: deletion.id,
    image_tag: null,
    reason: deletion.reason,
    deletion_date: timeOf(deletion.executeAt),
    days_remaining: Math.max(0, Math.ceil(left / dayMs)),
    scheduled_at: timeOf(deletion.createdAt),
  }
}

export function changedBody(one: ShownFunction, message: string): z.input<typeof Changed> {
  return { success: true, message, function: { uuid: one.id, name: one.name, status: one.state } }
}
