// SQL that loads what reports show of a build. Read only: it joins the tables of every domain and writes none.
import { and, asc, desc, eq, gt, inArray, isNull, lt, or, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import type { Db, Tx } from '../../db/client.ts'
import {
  buildLogs,
  builds,
  commands,
  environments,
  functions,
  installations,
  overlays,
  releases,
  repositories,
} from '../../db/schema.ts'
import { repositoryFileOf } from '../../environments/store.ts'
import type { Changes } from '../../functions/diff.ts'
import type { Failure } from '../failure.ts'
import type { Stage } from '../states.ts'
import type { BuildView, LoggedLine, OverlayView } from './view.ts'

const logLines = 200
const heldFunctions = 200
const heldCountBound = 10_000

export async function loadBuildView(db: Db | Tx, buildId: string): Promise<BuildView | null> {
  const found = await findWithSurroundings(db, buildId)
  if (!found) return null
  const { build, environment, repository, installation, live, sameAs } = found
  return {
    ...pick(build),
    sameAs: sameAs && {
      number: sameAs.number,
      sha: sameAs.sha,
      scope: sameAs.scope,
      changes: (await firstRelease(db, sameAs.id))?.changes ?? null,
    },
    environment: {
      id: environment.id,
      name: environment.name,
      branch: environment.branch,
      preview: environment.kind === 'preview',
      production: environment.production,
      pullNumber: environment.pullNumber,
      closed: environment.closedAt !== null,
      closedBecause: environment.closedBecause,
      evictAt: environment.evictAt,
    },
    repository: {
      id: repository.id,
      installationId: repository.installationId,
      owner: repository.owner,
      name: repository.name,
      file: repositoryFileOf(repository),
      reachable: !repository.removedAt && !installation.suspendedAt && !installation.deletedAt,
    },
    release: await firstRelease(db, buildId),
    live: environment.activeBuildId === buildId,
    liveBuild: live ? { number: live.number, sha: live.sha } : null,
    newerSha: await newerSha(db, environment.id, build.number),
    overlays: await overlaysInForce(db, environment.id),
    hasEarlier: await hasEarlierRelease(db, environment.id, build.number),
    refused: await refusedPress(db, buildId),
    held: await heldOfArchived(db, environment.id),
    previous: await previousEnd(db, environment.id, build.number),
    log: build.finishedAt ? await logTail(db, buildId) : [],
  }
}

const isCommit = eq(builds.kind, 'commit')

async function findWithSurroundings(db: Db | Tx, buildId: string) {
  const live = alias(builds, 'live')
  const sameAs = alias(builds, 'same_as')
  const [row] = await db
    .select({
      build: builds,
      environment: environments,
      repository: repositories,
      installation: installations,
      live,
      sameAs,
    })
    .from(builds)
    .innerJoin(environments, eq(environments.id, builds.environmentId))
    .innerJoin(repositories, eq(repositories.id, environments.repositoryId))
    .innerJoin(installations, eq(installations.id, repositories.installationId))
    .leftJoin(live, eq(live.id, environments.activeBuildId))
    .leftJoin(sameAs, eq(sameAs.id, builds.sameAsBuildId))
    .where(eq(builds.id, buildId))
  return row ?? null
}

function pick(build: typeof builds.$inferSelect) {
  const { id, number, sha, ref, message, author, state, startedAt, finishedAt, installCached, builder } =
    build
  // Checked by the pipeline before it stored them.
  const failure = build.failure as Failure | null
  const stages = build.stages.map(({ stage, at }) => ({ stage: stage as Stage, at: new Date(at) }))
  const functions = build.manifest?.map(found => found.name) ?? null
  return {
    ...{ id, number, sha, ref, message, author, state, startedAt, finishedAt },
    ...{ failure, functions, stages, installCached, builder },
  }
}

/** What the commit itself changed; a rollback to it later is told by the pin. */
async function firstRelease(db: Db | Tx, buildId: string): Promise<BuildView['release']> {
  const [row] = await db
    .select({ kind: releases.kind, actor: releases.actor, changes: releases.changes })
    .from(releases)
    .where(eq(releases.buildId, buildId))
    .orderBy(asc(releases.sequence))
    .limit(1)
  return row ? { ...row, changes: row.changes as Changes } : null
}

async function newerSha(db: Db | Tx, environmentId: string, number: number): Promise<string | null> {
  const [row] = await db
    .select({ sha: builds.sha })
    .from(builds)
    .where(and(eq(builds.environmentId, environmentId), gt(builds.number, number), isCommit))
    .orderBy(desc(builds.number))
    .limit(1)
  return row?.sha ?? null
}

function overlaysInForce(db: Db | Tx, environmentId: string): Promise<OverlayView[]> {
  const { kind, reason, actor, until } = overlays
  return db
    .select({ kind, reason, actor, until, functionName: functions.name })
    .from(overlays)
    .leftJoin(functions, eq(functions.id, overlays.functionId))
    .where(
      and(
        eq(overlays.environmentId, environmentId),
        isNull(overlays.liftedAt),
        or(isNull(overlays.until), gt(overlays.until, sql`now()`)),
      ),
    )
    .orderBy(asc(overlays.createdAt))
}

async function hasEarlierRelease(db: Db | Tx, environmentId: string, number: number): Promise<boolean> {
  const [row] = await db
    .select({ id: releases.id })
    .from(releases)
    .innerJoin(builds, eq(builds.id, releases.buildId))
    .where(and(eq(releases.environmentId, environmentId), lt(builds.number, number)))
    .limit(1)
  return row !== undefined
}

async function refusedPress(db: Db | Tx, buildId: string): Promise<BuildView['refused']> {
  const [row] = await db
    .select()
    .from(commands)
    .where(eq(commands.buildId, buildId))
    .orderBy(desc(commands.createdAt))
    .limit(1)
  const isRefused = row?.state === 'refused' || row?.state === 'failed'
  return isRefused && row.reply ? { line: row.line, actor: row.actor, reply: row.reply } : null
}

/** Counted up to a bound: a million that wait must not slow every report down. */
async function heldOfArchived(db: Db | Tx, environmentId: string): Promise<BuildView['held']> {
  const rows = await db.execute<{ name: string; count: number }>(sql`
    select functions.name, held.count
    from functions, lateral (
      select count(*)::int from (
        select 1 from live_executions where function_id = functions.id and state = 'queued' limit ${heldCountBound}
      ) waiting
    ) held
    where functions.environment_id = ${environmentId} and functions.archived_at is not null and held.count > 0
    order by functions.name
    limit ${heldFunctions}`)
  return rows.map(({ name, count }) => ({ name, count }))
}

async function previousEnd(
  db: Db | Tx,
  environmentId: string,
  number: number,
): Promise<BuildView['previous']> {
  // One that was not built is what a good build left.
  const ended = inArray(builds.state, ['succeeded', 'failed', 'unchanged'])
  const [row] = await db
    .select({ state: builds.state })
    .from(builds)
    .where(and(eq(builds.environmentId, environmentId), lt(builds.number, number), ended, isCommit))
    .orderBy(desc(builds.number))
    .limit(1)
  if (!row) return null
  return row.state === 'failed' ? 'failed' : 'succeeded'
}

async function logTail(db: Db | Tx, buildId: string): Promise<LoggedLine[]> {
  const rows = await db
    .select({ stage: buildLogs.stage, at: buildLogs.at, line: buildLogs.line })
    .from(buildLogs)
    .where(eq(buildLogs.buildId, buildId))
    .orderBy(desc(buildLogs.sequence))
    .limit(logLines)
  return rows.map(({ stage, at, line }) => ({ stage: stage as Stage, at, line })).reverse()
}

/** The newest build of an environment, whatever became of it. */
export async function newestBuildId(db: Db | Tx, environmentId: string): Promise<string | null> {
  const [row] = await db
    .select({ id: builds.id })
    .from(builds)
    .where(and(eq(builds.environmentId, environmentId), isCommit))
    .orderBy(desc(builds.number))
    .limit(1)
  return row?.id ?? null
}

/** Of each open environment of a repository, its newest build of a commit. */
export async function buildsOfCommit(db: Db | Tx, repositoryId: number, sha: string): Promise<string[]> {
  const rows = await db
    .selectDistinctOn([builds.environmentId], { id: builds.id })
    .from(builds)
    .innerJoin(environments, eq(environments.id, builds.environmentId))
    .where(
      and(
        eq(environments.repositoryId, repositoryId),
        eq(builds.sha, sha),
        sql`${environments.closedAt} is null`,
      ),
    )
    .orderBy(builds.environmentId, desc(builds.number))
  return rows.map(row => row.id)
}

/** Whether a build is one of this repository's: an id that came from outside is not yet a right to it. */
export async function isBuildOf(db: Db | Tx, repositoryId: number, buildId: string): Promise<boolean> {
  const [row] = await db
    .select({ id: builds.id })
    .from(builds)
    .innerJoin(environments, eq(environments.id, builds.environmentId))
    .where(and(eq(environments.repositoryId, repositoryId), eq(builds.id, buildId)))
  return row !== undefined
}
