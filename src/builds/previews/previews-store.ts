// SQL of the previews' life. Their rows are the environments' (environments/store.ts opens and closes them).
import { and, eq, isNotNull, sql } from 'drizzle-orm'
import type { Db, Tx } from '../../db/client.ts'
import { builds, environments, repositories } from '../../db/schema.ts'
import { repositoryFileOf } from '../../environments/store.ts'
import type { Preview } from './life.ts'

/** A build asked for by hand counts like a push: somebody is at work there. */
const pushedAt = sql<Date>`greatest(${environments.openedAt},
  (select max(${builds.createdAt}) from ${builds} where ${builds.environmentId} = ${environments.id}))`.mapWith(
  environments.openedAt,
)

export interface RepositoryPreviews {
  repositoryId: number
  rules: { ttlSeconds: number; limit: number }
  now: Date
  previews: Preview[]
}

/** Of every repository that is there. A million closed ones are not looked at: the index is of the open ones. */
export async function listOpenPreviews(db: Db | Tx): Promise<RepositoryPreviews[]> {
  const { id, evictAt } = environments
  const rows = await db
    .select({
      preview: { id, evictAt, pushedAt },
      repositoryId: repositories.id,
      config: repositories.config,
      now: sql<Date>`now()`.mapWith(environments.openedAt),
    })
    .from(environments)
    .innerJoin(repositories, eq(repositories.id, environments.repositoryId))
    .where(
      sql`${environments.kind} = 'preview' and ${environments.closedAt} is null and ${repositories.removedAt} is null`,
    )
  const byRepository = Map.groupBy(rows, row => row.repositoryId)
  return [...byRepository].flatMap(([repositoryId, own]) => {
    const [first] = own
    if (!first) return []
    const { ttlSeconds, limit } = repositoryFileOf(first).previews
    const previews = own.map(row => row.preview)
    return [{ repositoryId, rules: { ttlSeconds, limit }, now: first.now, previews }]
  })
}

export async function lastPush(tx: Tx, environmentId: string): Promise<Date | null> {
  const [row] = await tx.select({ pushedAt }).from(environments).where(eq(environments.id, environmentId))
  return row?.pushedAt ?? null
}

/** False: it is announced already. */
export async function announceEviction(tx: Tx, environmentId: string, evictAt: Date): Promise<boolean> {
  const rows = await tx
    .update(environments)
    .set({ evictAt })
    .where(and(eq(environments.id, environmentId), sql`${environments.evictAt} is null`))
    .returning({ id: environments.id })
  return rows.length > 0
}

/** False: nothing was announced. */
export async function liftEviction(tx: Tx, environmentId: string): Promise<boolean> {
  const rows = await tx
    .update(environments)
    .set({ evictAt: null })
    .where(and(eq(environments.id, environmentId), isNotNull(environments.evictAt)))
    .returning({ id: environments.id })
  return rows.length > 0
}
