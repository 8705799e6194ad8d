// SQL of environments, and of the configuration kept with a repository. Repositories themselves: repositories-store.ts.
import { and, asc, eq, inArray, isNull, sql } from 'drizzle-orm'
import type { Db, Tx } from '../db/client.ts'
import { environments, repositories } from '../db/schema.ts'
import { defaultRepositoryFile, type Problem, type RepositoryFile } from './repository-file.ts'
import type { Landing } from './resolve.ts'

export type Repository = typeof repositories.$inferSelect
export type Environment = typeof environments.$inferSelect

export async function findRepository(db: Db | Tx, id: number): Promise<Repository | null> {
  const [row] = await db.select().from(repositories).where(eq(repositories.id, id))
  return row ?? null
}

/** Lines up what opens environments: of two at once, one opens and the other finds it open. */
export async function lockRepository(tx: Tx, id: number): Promise<void> {
  await tx
    .select({ id: repositories.id })
    .from(repositories)
    .where(eq(repositories.id, id))
    .for('no key update')
}

export async function findRepositoryByName(
  db: Db | Tx,
  owner: string,
  name: string,
): Promise<Repository | null> {
  const named = and(
    eq(sql`lower(${repositories.owner})`, owner.toLowerCase()),
    eq(sql`lower(${repositories.name})`, name.toLowerCase()),
    isNull(repositories.removedAt),
  )
  const [row] = await db.select().from(repositories).where(named)
  return row ?? null
}

/** The last good repository file, or the defaults where there never was one. It was parsed before it was stored. */
export function repositoryFileOf(repository: Pick<Repository, 'config'>): RepositoryFile {
  const file = repository.config as RepositoryFile | null
  if (!file) return defaultRepositoryFile
  // One stored by an earlier version knows fewer settings.
  return { ...file, notifications: { ...defaultRepositoryFile.notifications, ...file.notifications } }
}

export async function acceptRepositoryFile(
  tx: Tx,
  id: number,
  sha: string,
  file: RepositoryFile,
): Promise<void> {
  await tx
    .update(repositories)
    .set({ config: file, configSha: sha, configProblems: [], configProblemsSha: null })
    .where(eq(repositories.id, id))
}

/** Keeps what is wrong with the newest file; the last good one stays in force. */
export async function rejectRepositoryFile(
  tx: Tx,
  id: number,
  sha: string,
  problems: Problem[],
): Promise<void> {
  await tx
    .update(repositories)
    .set({ configProblems: problems, configProblemsSha: sha })
    .where(eq(repositories.id, id))
}

export async function findEnvironment(db: Db | Tx, id: string): Promise<Environment | null> {
  const [row] = await db.select().from(environments).where(eq(environments.id, id))
  return row ?? null
}

export async function isTrusted(db: Db | Tx, id: string): Promise<boolean> {
  const [row] = await db
    .select({ trusted: environments.trusted })
    .from(environments)
    .where(eq(environments.id, id))
  return row?.trusted ?? false
}

export async function findEnvironmentByName(
  db: Db | Tx,
  repositoryId: number,
  name: string,
): Promise<Environment | null> {
  const named = and(eq(environments.repositoryId, repositoryId), eq(environments.name, name))
  const [row] = await db.select().from(environments).where(named)
  return row ?? null
}

export function findEnvironmentsByName(
  db: Db | Tx,
  repositoryId: number,
  names: string[],
): Promise<Environment[]> {
  const named = and(eq(environments.repositoryId, repositoryId), inArray(environments.name, names))
  return db.select().from(environments).where(named)
}

export function previewOf(
  db: Db | Tx,
  repositoryId: number,
  pullNumber: number,
): Promise<Environment | null> {
  const preview = and(eq(environments.repositoryId, repositoryId), eq(environments.pullNumber, pullNumber))
  return db
    .select()
    .from(environments)
    .where(preview)
    .then(([row]) => row ?? null)
}

export function listOpenEnvironments(db: Db | Tx, repositoryId: number): Promise<Environment[]> {
  const open = and(eq(environments.repositoryId, repositoryId), isNull(environments.closedAt))
  return db.select().from(environments).where(open).orderBy(asc(environments.name))
}

/** Lines up everything that changes an environment or its functions. @throws when there is none of this id. */
export async function lockEnvironment(tx: Tx, id: string): Promise<Environment> {
  const [row] = await tx.select().from(environments).where(eq(environments.id, id)).for('no key update')
  if (!row) throw new Error(`environment ${id} does not exist`)
  return row
}

/** In one order for everybody, so that two pushes that touch the same ones do not wait for each other for ever. */
export function lockEnvironments(tx: Tx, ids: string[]): Promise<Environment[]> {
  const all = tx.select().from(environments).where(inArray(environments.id, ids))
  return all.orderBy(asc(environments.id)).for('no key update')
}

type Opening = Omit<Landing, 'otherName'> & { pullNumber: number | null }

/** Opens environments by their names, or brings the open and closed ones that are there to what the code now says. */
export function saveEnvironments(
  tx: Tx,
  repositoryId: number,
  openings: readonly Opening[],
): Promise<Environment[]> {
  // Two patterns may make one name of a branch: it is one environment.
  const rows = new Map(openings.map(opening => [opening.name, toRow(repositoryId, opening)]))
  return tx
    .insert(environments)
    .values([...rows.values()])
    .onConflictDoUpdate({
      target: [environments.repositoryId, environments.name],
      set: {
        kind: sql`excluded.kind`,
        branch: sql`excluded.branch`,
        root: sql`excluded.root`,
        production: sql`excluded.production`,
        crons: sql`excluded.crons`,
        watch: sql`excluded.watch`,
        build: sql`excluded.build`,
        pullNumber: sql`excluded.pull_number`,
        // What was a stranger's once stays one's: nobody can tell what it left there.
        trusted: sql`${environments.trusted} and excluded.trusted`,
        openedAt: sql`case when ${environments.closedAt} is null then ${environments.openedAt} else now() end`,
        baseBranch: sql`excluded.base_branch`,
        closedAt: null,
        closedBecause: null,
      },
    })
    .returning()
}

function toRow(repositoryId: number, opening: Opening) {
  const kind = opening.pullNumber === null ? ('branch' as const) : ('preview' as const)
  return { ...opening, kind, repositoryId }
}

export async function markClosed(
  tx: Tx,
  id: string,
  closedBecause: Environment['closedBecause'],
): Promise<void> {
  await tx
    .update(environments)
    .set({ closedAt: sql`now()`, closedBecause, evictAt: null })
    .where(eq(environments.id, id))
}

export async function switchActiveBuild(tx: Tx, id: string, buildId: string): Promise<void> {
  await tx.update(environments).set({ activeBuildId: buildId }).where(eq(environments.id, id))
}
