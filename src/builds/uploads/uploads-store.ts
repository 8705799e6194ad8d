// SQL of uploads: the rows of one with its build, those of a function that are under way, and what a version found in its environment.
import { and, asc, eq, gt, isNotNull, isNull, sql } from 'drizzle-orm'
import type { Db, Tx } from '../../db/client.ts'
import { builds, uploads, versions } from '../../db/schema.ts'
import type { SealedPlace } from '../../resealing.ts'

export type Upload = typeof uploads.$inferSelect
type NewUpload = Omit<Upload, 'createdAt' | 'sealedEnv' | 'buildId'> & { environmentId: string; name: string }

/** Under the lock of the environment. `seal`: of what belongs to the new build. */
export async function insertUpload(
  tx: Tx,
  { environmentId, name, ...upload }: NewUpload,
  seal: (buildId: string) => string | null,
): Promise<string> {
  const [build] = await tx
    .insert(builds)
    .values({
      ...{ environmentId, kind: 'upload', sha: upload.digest, ref: `upload/${name}`, author: upload.actor },
      number: sql`(select coalesce(max(number), 0) + 1 from builds where environment_id = ${environmentId})`,
    })
    .returning({ id: builds.id })
  if (!build) throw new Error('the build of an upload was not stored')
  await tx.insert(uploads).values({ ...upload, buildId: build.id, sealedEnv: seal(build.id) })
  return build.id
}

export async function underWayOf(tx: Tx, functionId: string): Promise<string[]> {
  const rows = await tx
    .select({ id: builds.id })
    .from(uploads)
    .innerJoin(builds, eq(builds.id, uploads.buildId))
    .where(and(eq(uploads.functionId, functionId), isNull(builds.finishedAt)))
  return rows.map(row => row.id)
}

export async function findUpload(db: Db | Tx, buildId: string) {
  const [row] = await db
    .select({ upload: uploads, state: builds.state })
    .from(uploads)
    .innerJoin(builds, eq(builds.id, uploads.buildId))
    .where(eq(uploads.buildId, buildId))
  return row ?? null
}

/** Null: the version was not uploaded, or without any. */
export async function sealedEnvOf(
  db: Db,
  versionId: string,
): Promise<{ buildId: string; sealedEnv: string } | null> {
  const [row] = await db
    .select({ buildId: uploads.buildId, sealedEnv: uploads.sealedEnv })
    .from(versions)
    .innerJoin(uploads, eq(uploads.buildId, versions.buildId))
    .where(eq(versions.id, versionId))
  return row?.sealedEnv ? { buildId: row.buildId, sealedEnv: row.sealedEnv } : null
}

/** What the variables of an upload are sealed for. */
export const envBelongsTo = (buildId: string) => `upload ${buildId}`

export const sealedUploads: SealedPlace = {
  what: 'variables of uploads',
  async rows(db, after, limit) {
    const rows = await db
      .select({ id: uploads.buildId, sealed: uploads.sealedEnv })
      .from(uploads)
      .where(and(isNotNull(uploads.sealedEnv), after === null ? undefined : gt(uploads.buildId, after)))
      .orderBy(asc(uploads.buildId))
      .limit(limit)
    return rows.map(({ id, sealed }) => ({ id, belongsTo: envBelongsTo(id), sealed: sealed ?? '' }))
  },
  async replace(db, { id, sealed: before }, sealed) {
    await db
      .update(uploads)
      .set({ sealedEnv: sealed })
      .where(and(eq(uploads.buildId, id), eq(uploads.sealedEnv, before)))
  },
}
