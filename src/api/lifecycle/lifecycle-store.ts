// SQL of what the lifecycle API shows. It writes nothing: the verbs of functions/ do.
import { and, asc, desc, eq, isNull, ne, sql } from 'drizzle-orm'
import type { Db, Tx } from '../../db/client.ts'
import { builds, deletions, functions, overlays, uploads, versionImages, versions } from '../../db/schema.ts'
import type { FunctionState } from '../../functions/states.ts'

const pausedNow = sql<boolean>`exists (
  select from ${overlays}
  where ${overlays.functionId} = ${functions.id} and ${overlays.kind} = 'pause' and ${overlays.liftedAt} is null
    and (${overlays.until} is null or ${overlays.until} > now())
)`

/** While an archive of it is built: the version that is live goes on serving. */
const stateNow = sql<FunctionState>`case
  when ${functions.state} in ('init', 'active') and exists (
    select from ${uploads} join ${builds} on ${builds.id} = ${uploads.buildId}
    where ${uploads.functionId} = ${functions.id} and ${builds.finishedAt} is null
  ) then 'building' else ${functions.state} end`

const shown = {
  id: functions.id,
  name: functions.name,
  state: stateNow,
  skipSigning: functions.skipSigning,
  activeVersionId: functions.activeVersionId,
  archivedAt: functions.archivedAt,
  createdAt: functions.createdAt,
  version: versions.number,
  paused: pausedNow,
}

const here = (environmentId: string) =>
  and(eq(functions.environmentId, environmentId), ne(functions.state, 'deleted'))

export type ShownFunction = Awaited<ReturnType<typeof listShown>>[number]

export function listShown(db: Db, environmentId: string) {
  return db
    .select(shown)
    .from(functions)
    .leftJoin(versions, eq(versions.id, functions.activeVersionId))
    .where(here(environmentId))
    .orderBy(asc(functions.name))
}

export async function findShown(
  db: Db | Tx,
  environmentId: string,
  id: string,
): Promise<ShownFunction | null> {
  const [row] = await db
    .select(shown)
    .from(functions)
    .leftJoin(versions, eq(versions.id, functions.activeVersionId))
    .where(and(here(environmentId), eq(functions.id, id)))
  return row ?? null
}

export async function countVersions(db: Db, functionId: string): Promise<number> {
  return db.$count(versions, eq(versions.functionId, functionId))
}

/** Newest first, each with when its build was asked for. */
export function listVersions(db: Db, functionId: string, page: { limit: number; offset: number }) {
  return db
    .select({
      version: versions,
      builtAt: builds.createdAt,
      imageTag: versionImages.tag,
      imageDigest: versionImages.digest,
    })
    .from(versions)
    .innerJoin(builds, eq(builds.id, versions.buildId))
    .leftJoin(versionImages, eq(versionImages.versionId, versions.id))
    .where(eq(versions.functionId, functionId))
    .orderBy(desc(versions.number))
    .limit(page.limit)
    .offset(page.offset)
}

/** The soonest first. */
export function listPending(db: Db, environmentId: string) {
  return db
    .select({ deletion: deletions, name: functions.name, state: functions.state })
    .from(deletions)
    .innerJoin(functions, eq(functions.id, deletions.functionId))
    .where(
      and(
        eq(functions.environmentId, environmentId),
        isNull(deletions.cancelledAt),
        isNull(deletions.completedAt),
      ),
    )
    .orderBy(asc(deletions.executeAt))
}
