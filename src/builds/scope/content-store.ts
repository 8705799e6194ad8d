// SQL of what builds are made of: the newest that succeeded, to compare a commit with, and what stands for variables.
import { and, desc, eq, inArray, isNotNull, isNull } from 'drizzle-orm'
import type { Db, Tx } from '../../db/client.ts'
import { builds, environments, variables } from '../../db/schema.ts'
import { inEffect } from '../../environments/variable-rules.ts'
import { digest } from '../../events/digest.ts'

export interface Predecessor {
  id: string
  environmentId: string
  number: number
  scope: string[] | null
  contentDigest: string | null
}

/** Of each of these environments the newest build that succeeded. */
export function newestSucceeded(db: Db | Tx, environmentIds: string[]): Promise<Predecessor[]> {
  const { id, environmentId, number, scope, contentDigest } = builds
  return db
    .selectDistinctOn([builds.environmentId], { id, environmentId, number, scope, contentDigest })
    .from(builds)
    .where(
      and(
        inArray(builds.environmentId, environmentIds),
        eq(builds.state, 'succeeded'),
        eq(builds.kind, 'commit'),
      ),
    )
    .orderBy(builds.environmentId, desc(builds.number))
}

/** Whether a commit of this branch could turn out to be what is built already: else its tree need not be read. */
export async function isComparable(
  db: Db | Tx,
  { repositoryId, branch }: { repositoryId: number; branch: string },
): Promise<boolean> {
  const [row] = await db
    .select({ id: builds.id })
    .from(builds)
    .innerJoin(environments, eq(environments.id, builds.environmentId))
    .where(
      and(
        eq(environments.repositoryId, repositoryId),
        eq(environments.branch, branch),
        isNull(environments.closedAt),
        isNotNull(builds.contentDigest),
      ),
    )
    .limit(1)
  return row !== undefined
}

/** What stands for the variables that builds of each environment get. Their values never leave the table for it. */
export async function buildVariables(
  db: Db | Tx,
  of: readonly { id: string; repositoryId: number }[],
): Promise<(environmentId: string) => string> {
  const { id, name, scope, environmentId, updatedAt } = variables
  const rows = await db
    .select({ id, name, scope, environmentId, updatedAt, repositoryId: variables.repositoryId })
    .from(variables)
    .where(
      inArray(
        variables.repositoryId,
        of.map(one => one.repositoryId),
      ),
    )
    .orderBy(id)
  const repositoryOf = new Map(of.map(one => [one.id, one.repositoryId]))
  return environmentId => {
    const own = rows.filter(row => row.repositoryId === repositoryOf.get(environmentId))
    // One for functions alone may stand in the place of one that builds would get.
    const given = inEffect(own, environmentId).filter(({ scope }) => scope !== 'run')
    return digest(given.map(({ id, updatedAt }) => [id, updatedAt]))
  }
}
