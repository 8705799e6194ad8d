// SQL of an environment's functions as they are now: version, what holds them, what waits.
import { sql } from 'drizzle-orm'
import type { Db } from '../../db/client.ts'
import { countBound } from '../repositories/repositories-store.ts'

export interface ShownFunction {
  id: string
  name: string
  state: string
  archivedAt: Date | null
  archivedBecause: string | null
  version: number | null
  versionId: string | null
  file: string | null
  cron: unknown
  concurrency: number | null
  paused: { actor: string; reason: string | null; until: Date | null } | null
  deletion: { executeAt: Date; actor: string } | null
  queued: number
  running: number
}

/** By name; `name`: that one alone. */
export async function listShownFunctions(
  db: Db,
  environmentId: string,
  name: string | null = null,
): Promise<ShownFunction[]> {
  const rows = await db.execute<Record<string, string | null>>(sql`
    select f.id, f.name, f.state, f.archived_at, f.archived_because, v.number as version, v.id as version_id, v.file,
      v.options ->> 'concurrency' as concurrency, (v.options -> 'cron')::text as cron,
      o.actor as paused_by, o.reason as paused_reason, o.until as paused_until,
      d.execute_at, d.actor as deleted_by, queued.amount as queued, running.amount as running
    from functions f
    left join versions v on v.id = f.active_version_id
    left join overlays o on o.environment_id = f.environment_id and o.function_id = f.id and o.kind = 'pause'
      and o.lifted_at is null and (o.until is null or o.until > now())
    left join deletions d on d.function_id = f.id and d.cancelled_at is null and d.completed_at is null,
    lateral (
      select count(*) as amount from (
        select from live_executions where function_id = f.id and state = 'queued' limit ${countBound}
      ) bounded
    ) queued,
    lateral (
      select count(*) as amount from live_executions
      where function_id = f.id and state in ('running', 'aborting')
    ) running
    where f.environment_id = ${environmentId} and f.state <> 'deleted'
      and ${name === null ? sql`true` : sql`f.name = ${name}`}
    order by f.name
  `)
  return rows.map(toShown)
}

const time = (text: string | null | undefined) => (text ? new Date(text) : null)

function toShown(row: Record<string, string | null>): ShownFunction {
  const executeAt = time(row.execute_at)
  return {
    id: row.id ?? '',
    name: row.name ?? '',
    state: row.state ?? '',
    archivedAt: time(row.archived_at),
    archivedBecause: row.archived_because ?? null,
    version: row.version ? Number(row.version) : null,
    versionId: row.version_id ?? null,
    file: row.file ?? null,
    cron: row.cron ? JSON.parse(row.cron) : null,
    concurrency: row.concurrency ? Number(row.concurrency) : null,
    paused: row.paused_by
      ? { actor: row.paused_by, reason: row.paused_reason ?? null, until: time(row.paused_until) }
      : null,
    deletion: executeAt ? { executeAt, actor: row.deleted_by ?? '' } : null,
    queued: Number(row.queued),
    running: Number(row.running),
  }
}
