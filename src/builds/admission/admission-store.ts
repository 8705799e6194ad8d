// SQL of admitting builds, of many environments in each statement. The pipeline's own statements: store.ts.
import { and, desc, eq, gt, inArray, isNull, or, sql } from 'drizzle-orm'
import type { Db, Tx } from '../../db/client.ts'
import { builds, overlays } from '../../db/schema.ts'
import type { Known } from './admission.ts'

export type Build = typeof builds.$inferSelect

const enough = 50

/** By environment: the newest builds, enough to decide on; all that are under way are among them. */
export async function listForAdmission(tx: Tx, environmentIds: string[]): Promise<Map<string, Known[]>> {
  const rows = await tx.execute<Pick<Known, keyof Known> & { environment_id: string }>(sql`
    select asked.environment_id, known.id, known.sha, known.number, known.state, known.promoted, known.uploaded
    from unnest(${sql.param(environmentIds)}::uuid[]) as asked (environment_id), lateral (
      select id, sha, number, state, promoted_from_id is not null as promoted, kind = 'upload' as uploaded from builds
      where builds.environment_id = asked.environment_id
      order by number desc
      limit ${enough}
    ) known
    order by known.number desc`)
  return Map.groupBy([...rows], row => row.environment_id)
}

/** Those of the environments that a rollback holds where they are. */
export async function pinnedEnvironments(tx: Tx, environmentIds: string[]): Promise<Set<string>> {
  const rows = await tx
    .select({ id: overlays.environmentId })
    .from(overlays)
    .where(
      and(
        inArray(overlays.environmentId, environmentIds),
        eq(overlays.kind, 'pin'),
        isNull(overlays.functionId),
        isNull(overlays.liftedAt),
        or(isNull(overlays.until), gt(overlays.until, sql`now()`)),
      ),
    )
  return new Set(rows.map(row => row.id))
}

type NewBuild = Pick<Build, 'environmentId' | 'number' | 'sha' | 'ref' | 'message' | 'author'> & {
  /** Not to be built: its content is that of this build. */
  sameAsBuildId: string | null
}

/** Resolves to the builds' ids, by environment. */
export async function insertBuilds(tx: Tx, rows: readonly NewBuild[]): Promise<Map<string, string>> {
  if (rows.length === 0) return new Map()
  const inserted = await tx
    .insert(builds)
    .values(
      rows.map(row => ({
        ...row,
        state: row.sameAsBuildId === null ? ('queued' as const) : ('unchanged' as const),
        finishedAt: row.sameAsBuildId === null ? null : sql`now()`,
      })),
    )
    .returning({ id: builds.id, environmentId: builds.environmentId })
  return new Map(inserted.map(({ id, environmentId }) => [environmentId, id]))
}

/** Resolves to those that really were under way. */
export async function endBuilds(tx: Tx, ids: string[], state: 'superseded' | 'cancelled'): Promise<Build[]> {
  if (ids.length === 0) return []
  return tx
    .update(builds)
    .set({ state, finishedAt: sql`now()` })
    .where(and(inArray(builds.id, ids), isNull(builds.finishedAt)))
    .returning()
}

/** Made of what another environment's build left; nobody builds it. Under the lock of the environment. */
export async function insertPromoted(tx: Tx, environmentId: string, from: Build): Promise<string> {
  const { sha, ref, message, author, manifest } = from
  const [row] = await tx
    .insert(builds)
    .values({
      ...{ environmentId, sha, ref, message, author, manifest, promotedFromId: from.id },
      number: sql`(select coalesce(max(number), 0) + 1 from builds where environment_id = ${environmentId})`,
      state: 'succeeded',
      finishedAt: sql`now()`,
    })
    .returning({ id: builds.id })
  if (!row) throw new Error('the promoted build was not stored')
  return row.id
}

export async function findBuild(db: Db | Tx, id: string): Promise<Build | null> {
  const [row] = await db.select().from(builds).where(eq(builds.id, id))
  return row ?? null
}

/** The newest build that there is of a commit; where it changed nothing, the one that stood for it. */
export async function findBuilt(db: Db | Tx, environmentId: string, sha: string): Promise<Build | null> {
  const [row] = await db
    .select()
    .from(builds)
    .where(
      and(
        eq(builds.environmentId, environmentId),
        eq(builds.sha, sha),
        inArray(builds.state, ['succeeded', 'unchanged']),
      ),
    )
    .orderBy(desc(builds.number))
    .limit(1)
  return row?.sameAsBuildId ? findBuild(db, row.sameAsBuildId) : (row ?? null)
}
