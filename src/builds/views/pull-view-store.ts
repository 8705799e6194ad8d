// SQL of what belongs to a pull request: the environments its head is in, and the one it is to be compared with. Read only.
import { and, eq, isNull, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import type { Db, Tx } from '../../db/client.ts'
import { environments } from '../../db/schema.ts'

export interface PullBuild {
  buildId: string
  /** GitHub's number of its check; null: it is not written yet. */
  checkRun: number | null
}

/**
 * The newest build of its preview, then of each open environment that its head branch lands in too. A branch of the same name in
 * a fork is another branch: only where commits of the preview were built does it land.
 */
export async function buildsOfPull(db: Db | Tx, repositoryId: number, number: number): Promise<PullBuild[]> {
  const rows = await db.execute<{ build_id: string; check_run: string | null }>(sql`
    with preview as (
      select id, branch from environments where repository_id = ${repositoryId} and pull_number = ${number}
    ), landed as (
      select environments.id, environments.name from environments, preview
      where environments.repository_id = ${repositoryId} and environments.branch = preview.branch
        and environments.kind = 'branch' and environments.closed_at is null
        and exists (
          select 1 from builds own join builds here on here.sha = own.sha
          where own.environment_id = preview.id and here.environment_id = environments.id
        )
    ), shown as (
      select id, '' as place from preview union all select id, name from landed
    )
    select newest.id as build_id, reports.remote->>'id' as check_run
    from shown, lateral (
      select id from builds where environment_id = shown.id and kind = 'commit' order by number desc limit 1
    ) newest
    left join reports on reports.kind = 'check' and reports.subject = newest.id::text
    order by shown.place`)
  return rows.map(row => ({ buildId: row.build_id, checkRun: row.check_run ? Number(row.check_run) : null }))
}

/** Open pull requests whose head branch is the one that lands in this environment: their comments' subjects. */
export async function commentsOfBranch(db: Db | Tx, environmentId: string): Promise<string[]> {
  const preview = alias(environments, 'preview')
  const rows = await db
    .select({ repositoryId: preview.repositoryId, number: preview.pullNumber })
    .from(environments)
    .innerJoin(
      preview,
      and(eq(preview.repositoryId, environments.repositoryId), eq(preview.branch, environments.branch)),
    )
    .where(and(eq(environments.id, environmentId), eq(preview.kind, 'preview'), isNull(preview.closedAt)))
  return rows.map(row => `${row.repositoryId}#${row.number}`)
}

/** Where a preview's base branch lands: of several the one of the same root, then production. */
export async function baseOfPreview(
  db: Db | Tx,
  previewId: string,
): Promise<{ id: string; name: string } | null> {
  const preview = alias(environments, 'preview')
  const [row] = await db
    .select({ id: environments.id, name: environments.name })
    .from(preview)
    .innerJoin(
      environments,
      and(eq(environments.repositoryId, preview.repositoryId), eq(environments.branch, preview.baseBranch)),
    )
    .where(and(eq(preview.id, previewId), eq(environments.kind, 'branch'), isNull(environments.closedAt)))
    .orderBy(
      sql`${environments.root} = ${preview.root} desc`,
      sql`${environments.production} desc`,
      environments.name,
    )
    .limit(1)
  return row ?? null
}

/**
 * Comments that may tell of runs they do not tell of yet: of live previews where something finished since. The first runs at once,
 * later ones every ten minutes: it is a comment, not a monitor.
 */
export async function commentsWithNewRuns(db: Db | Tx): Promise<string[]> {
  const rows = await db.execute<{ subject: string }>(sql`
    select reports.subject from environments
    join reports on reports.kind = 'comment'
      and reports.subject = environments.repository_id || '#' || environments.pull_number
    , lateral (
      select sequence from finished_executions
      where environment_id = environments.id order by sequence desc limit 1
    ) newest
    where environments.kind = 'preview' and environments.closed_at is null
      and environments.active_build_id is not null and reports.remote ? 'id'
      and newest.sequence > coalesce((reports.remote->>'runs')::bigint, 0)
      and (not reports.remote ? 'runs' or reports.updated_at < now() - interval '10 minutes')`)
  return rows.map(row => row.subject)
}
