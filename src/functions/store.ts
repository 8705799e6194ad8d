// SQL of functions, versions and releases. Overlays and deletions have stores of their own beside this one.
import { and, asc, desc, eq, inArray, lt, ne, sql } from 'drizzle-orm'
import type { Db, Tx } from '../db/client.ts'
import { builds, functions, releases, versions } from '../db/schema.ts'
import type { Changes } from './diff.ts'
import { type FoundFunction, fingerprint } from './manifest.ts'
import { plannedVersionId } from './version-id.ts'

export type FunctionRow = typeof functions.$inferSelect
export type Version = typeof versions.$inferSelect
export type FunctionWithVersion = FunctionRow & { version: Version | null }

const notDeleted = ne(functions.state, 'deleted')

export async function findFunctionByName(
  db: Db | Tx,
  environmentId: string,
  name: string,
): Promise<FunctionRow | null> {
  const [row] = await db
    .select()
    .from(functions)
    .where(and(eq(functions.environmentId, environmentId), eq(functions.name, name), notDeleted))
  return row ?? null
}

/** All that are not deleted, archived ones too, by name. */
export async function listFunctions(db: Db | Tx, environmentId: string): Promise<FunctionWithVersion[]> {
  const rows = await db
    .select({ one: functions, version: versions })
    .from(functions)
    .leftJoin(versions, eq(versions.id, functions.activeVersionId))
    .where(and(eq(functions.environmentId, environmentId), notDeleted))
    .orderBy(asc(functions.name))
  return rows.map(({ one, version }) => ({ ...one, version }))
}

export async function lockFunction(tx: Tx, id: string): Promise<FunctionRow> {
  const [row] = await tx.select().from(functions).where(eq(functions.id, id)).for('no key update')
  if (!row) throw new Error(`function ${id} does not exist`)
  return row
}

/** Null: there is one of that name. */
export async function insertUploadedFunction(
  tx: Tx,
  values: Pick<FunctionRow, 'environmentId' | 'name' | 'skipSigning'>,
): Promise<string | null> {
  const [row] = await tx
    .insert(functions)
    .values({ ...values, origin: 'upload' })
    .onConflictDoNothing()
    .returning({ id: functions.id })
  return row?.id ?? null
}

/** Of the code, also where somebody uploaded one of that name before. */
export async function ensureFunction(tx: Tx, environmentId: string, name: string): Promise<FunctionRow> {
  await tx
    .insert(functions)
    .values({ environmentId, name })
    .onConflictDoUpdate({
      target: [functions.environmentId, functions.name],
      targetWhere: sql`state <> 'deleted'`,
      set: { origin: 'code' },
      setWhere: sql`functions.origin <> 'code'`,
    })
  const row = await findFunctionByName(tx, environmentId, name)
  if (!row) throw new Error(`function ${name} was not stored`)
  return row
}

/** The function's version with this content; made with the next number where there is none. Needs the environment's lock. */
export async function ensureVersion(
  tx: Tx,
  functionId: string,
  buildId: string,
  found: FoundFunction,
  print = fingerprint(found),
): Promise<Version> {
  const [existing] = await tx
    .select()
    .from(versions)
    .where(and(eq(versions.functionId, functionId), eq(versions.fingerprint, print)))
  if (existing) return existing
  const { name: _name, codeDigest: _code, ...content } = found
  const next = sql`(select coalesce(max(number), 0) + 1 from versions where function_id = ${functionId})`
  const [made] = await tx
    .insert(versions)
    .values({
      ...content,
      id: plannedVersionId(functionId, print),
      functionId,
      buildId,
      fingerprint: print,
      number: sql`${next}`,
    })
    .returning()
  if (!made) throw new Error(`a version of ${found.name} was not stored`)
  return made
}

export function findVersions(db: Db | Tx, functionIds: string[]): Promise<Version[]> {
  return db.select().from(versions).where(inArray(versions.functionId, functionIds))
}

/** Makes a version the live one. A deletion that is scheduled stays scheduled. */
export async function activateVersion(tx: Tx, functionId: string, versionId: string): Promise<void> {
  const state = sql`case when state = 'pending_deletion' then state else 'active' end`
  await tx.update(functions).set({ activeVersionId: versionId, state }).where(eq(functions.id, functionId))
}

export async function setArchived(
  tx: Tx,
  functionId: string,
  because: FunctionRow['archivedBecause'],
): Promise<void> {
  const archivedAt = because === null ? null : sql`now()`
  await tx.update(functions).set({ archivedBecause: because, archivedAt }).where(eq(functions.id, functionId))
}

export type Build = typeof builds.$inferSelect

export async function findBuild(db: Db | Tx, id: string): Promise<Build | null> {
  const [row] = await db.select().from(builds).where(eq(builds.id, id))
  return row ?? null
}

export async function newestSucceededBuild(db: Db | Tx, environmentId: string): Promise<Build | null> {
  const [row] = await db
    .select()
    .from(builds)
    .where(
      and(eq(builds.environmentId, environmentId), eq(builds.state, 'succeeded'), eq(builds.kind, 'commit')),
    )
    .orderBy(desc(builds.number))
    .limit(1)
  return row ?? null
}

/** Builds that were live once, newest first: what a rollback can return to. */
export async function releasedBuilds(db: Db | Tx, environmentId: string, before: number): Promise<Build[]> {
  const live = db
    .select({ id: releases.buildId })
    .from(releases)
    .where(eq(releases.environmentId, environmentId))
  return db
    .select()
    .from(builds)
    .where(
      and(
        eq(builds.environmentId, environmentId),
        lt(builds.number, before),
        eq(builds.kind, 'commit'),
        sql`${builds.id} in ${live}`,
      ),
    )
    .orderBy(desc(builds.number))
    .limit(50)
}

/** Commits that were not built because they changed nothing, newest first. */
export function unchangedBuilds(db: Db | Tx, environmentId: string): Promise<Build[]> {
  return db
    .select()
    .from(builds)
    .where(and(eq(builds.environmentId, environmentId), eq(builds.state, 'unchanged')))
    .orderBy(desc(builds.number))
    .limit(200)
}

/** Versions below the live one, newest first, each with the commit of the build that made it. */
export async function listEarlierVersions(
  db: Db | Tx,
  one: FunctionRow,
): Promise<(Version & { sha: string })[]> {
  const live = db
    .select({ number: versions.number })
    .from(versions)
    .where(eq(versions.id, one.activeVersionId ?? sql`null`))
  const rows = await db
    .select({ version: versions, sha: builds.sha })
    .from(versions)
    .innerJoin(builds, eq(builds.id, versions.buildId))
    .where(and(eq(versions.functionId, one.id), lt(versions.number, sql`(${live})`)))
    .orderBy(desc(versions.number))
    .limit(50)
  return rows.map(({ version, sha }) => ({ ...version, sha }))
}

interface Release {
  environmentId: string
  buildId: string
  kind: 'deploy' | 'rollback' | 'resume' | 'promote'
  actor: string
  changes: Changes
}

export async function insertRelease(tx: Tx, release: Release): Promise<string> {
  const [row] = await tx.insert(releases).values(release).returning({ id: releases.id })
  if (!row) throw new Error('the release was not stored')
  return row.id
}
