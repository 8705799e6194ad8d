// SQL of the first page: repositories with their open environments, each with what is live, what holds it, and what waits.
import { and, asc, eq, inArray, isNull, sql } from 'drizzle-orm'
import type { Db } from '../../db/client.ts'
import { builds, environments, installations, overlays, repositories } from '../../db/schema.ts'
import type { Environment, Repository } from '../../environments/store.ts'
import type { Overlay } from '../../functions/overlays-store.ts'

export function listRepositories(db: Db): Promise<Repository[]> {
  return db
    .select({ repository: repositories })
    .from(repositories)
    .innerJoin(installations, eq(installations.id, repositories.installationId))
    .where(and(isNull(repositories.removedAt), isNull(installations.deletedAt)))
    .orderBy(asc(sql`lower(${repositories.owner})`), asc(sql`lower(${repositories.name})`))
    .then(rows => rows.map(row => row.repository))
}

export interface ShownEnvironment {
  environment: Environment
  live: { number: number; sha: string; message: string; finishedAt: Date | null } | null
  newest: { number: number; state: string } | null
  functions: number
  archived: number
  /** Queued, up to a bound: those that something holds, and the others. */
  held: number
  waiting: number
  running: number
  overlays: Pick<Overlay, 'kind' | 'functionId' | 'reason' | 'actor' | 'until'>[]
}

export const countBound = 10_000

export async function listShownEnvironments(
  db: Db,
  repositoryIds: readonly number[],
): Promise<ShownEnvironment[]> {
  if (repositoryIds.length === 0) return []
  const { number, sha, message, finishedAt } = builds
  const rows = await db
    .select({ environment: environments, live: { number, sha, message, finishedAt } })
    .from(environments)
    .leftJoin(builds, eq(builds.id, environments.activeBuildId))
    .where(and(inArray(environments.repositoryId, [...repositoryIds]), isNull(environments.closedAt)))
    .orderBy(sql`${environments.production} desc, ${environments.kind}, ${environments.name}`)
  const ids = rows.map(row => row.environment.id)
  const [newest, counts, inForce] = await Promise.all([
    newestBuilds(db, ids),
    countsOf(db, ids),
    overlaysOf(db, ids),
  ])
  return rows.map(({ environment, live }) => ({
    environment,
    live: live && live.number !== null ? live : null,
    newest: newest.get(environment.id) ?? null,
    ...(counts.get(environment.id) ?? { functions: 0, archived: 0, held: 0, waiting: 0, running: 0 }),
    overlays: inForce.filter(one => one.environmentId === environment.id),
  }))
}

async function newestBuilds(db: Db, ids: string[]): Promise<Map<string, { number: number; state: string }>> {
  const rows = await db.execute<{ environment_id: string; number: number; state: string }>(sql`
    select environments.id as environment_id, newest.number, newest.state
    from unnest(${sql.param(ids)}::uuid[]) as environments (id), lateral (
      select number, state from builds where environment_id = environments.id order by number desc limit 1
    ) newest
  `)
  return new Map(rows.map(({ environment_id, number, state }) => [environment_id, { number, state }]))
}

type Counts = Pick<ShownEnvironment, 'functions' | 'archived' | 'held' | 'waiting' | 'running'>

/** Function by function, over the index of what is due of each: a paused million costs its bound and no more. */
async function countsOf(db: Db, ids: string[]): Promise<Map<string, Counts>> {
  const rows = await db.execute<Record<string, string>>(sql`
    select f.environment_id,
      count(*) filter (where f.archived_at is null) as functions,
      count(*) filter (where f.archived_at is not null) as archived,
      sum(queued.amount) filter (where holding.held) as held,
      sum(queued.amount) filter (where not holding.held) as waiting,
      sum(running.amount) as running
    from functions f
    join environments e on e.id = f.environment_id, lateral (
      select count(*) as amount from (
        select from live_executions where function_id = f.id and state = 'queued' limit ${countBound}
      ) bounded
    ) queued, lateral (
      select count(*) as amount from live_executions
      where function_id = f.id and state in ('running', 'aborting')
    ) running, lateral (
      select f.archived_at is not null or f.state = 'pending_deletion' or e.mode <> 'normal' or exists (
        select from overlays o
        where o.environment_id = f.environment_id and (o.function_id = f.id or o.function_id is null)
          and o.kind = 'pause' and o.lifted_at is null and (o.until is null or o.until > now())
      ) as held
    ) holding
    where f.environment_id = any(${sql.param(ids)}::uuid[]) and f.state <> 'deleted'
    group by f.environment_id
  `)
  return new Map(
    rows.map(row => [
      row.environment_id ?? '',
      {
        functions: Number(row.functions),
        archived: Number(row.archived),
        held: Number(row.held ?? 0),
        waiting: Number(row.waiting ?? 0),
        running: Number(row.running),
      },
    ]),
  )
}

function overlaysOf(db: Db, ids: string[]) {
  const { environmentId, kind, functionId, reason, actor, until } = overlays
  return db
    .select({ environmentId, kind, functionId, reason, actor, until })
    .from(overlays)
    .where(
      and(
        inArray(environmentId, ids),
        isNull(overlays.liftedAt),
        sql`(${until} is null or ${until} > now())`,
      ),
    )
    .orderBy(asc(overlays.createdAt))
}
