// SQL of variables. Values are sealed before they come here and opened after they left: variables.ts.
import { and, asc, eq, gt, isNull, or, sql } from 'drizzle-orm'
import type { Db, Tx } from '../db/client.ts'
import { variables } from '../db/schema.ts'
import type { SealedPlace } from '../resealing.ts'

export type Variable = typeof variables.$inferSelect
export type Scope = Variable['scope']

/** Whose variables: of one environment, or (null) of all environments of the repository. */
export interface Owner {
  repositoryId: number
  environmentId: string | null
}

/** What a value is sealed for: moved to another row it does not open. */
export const belongsTo = ({ repositoryId, environmentId }: Owner, name: string) =>
  `variable ${repositoryId} ${environmentId ?? 'all'} ${name}`

const ofOwner = ({ repositoryId, environmentId }: Owner) =>
  and(
    eq(variables.repositoryId, repositoryId),
    environmentId === null ? isNull(variables.environmentId) : eq(variables.environmentId, environmentId),
  )

export async function saveVariable(
  tx: Tx,
  owner: Owner,
  { name, scope, sealed }: Pick<Variable, 'name' | 'scope' | 'sealed'>,
): Promise<void> {
  await tx
    .insert(variables)
    .values({ ...owner, name, scope, sealed })
    .onConflictDoUpdate({
      target: [variables.repositoryId, variables.environmentId, variables.name],
      // Later than any time before, also within one transaction: it is what tells a change.
      set: { scope, sealed, updatedAt: sql`clock_timestamp()` },
    })
}

/** Resolves to whether it was there. */
export async function deleteVariable(tx: Tx, owner: Owner, name: string): Promise<boolean> {
  const rows = await tx
    .delete(variables)
    .where(and(ofOwner(owner), eq(variables.name, name)))
    .returning({ id: variables.id })
  return rows.length > 0
}

/** The owner's own alone. */
export function listVariables(db: Db | Tx, owner: Owner): Promise<Variable[]> {
  return db.select().from(variables).where(ofOwner(owner)).orderBy(asc(variables.name))
}

/** The repository's and the environment's own, these last. */
export function variablesOf(
  db: Db | Tx,
  { repositoryId, id }: { repositoryId: number; id: string },
): Promise<Variable[]> {
  return db
    .select()
    .from(variables)
    .where(
      and(
        eq(variables.repositoryId, repositoryId),
        or(isNull(variables.environmentId), eq(variables.environmentId, id)),
      ),
    )
    .orderBy(sql`${variables.environmentId} is not null`, asc(variables.name))
}

/** When it was set stays: the value is the same, so nothing is started anew. */
export const sealedVariables: SealedPlace = {
  what: 'variables',
  async rows(db, after, limit) {
    const rows = await db
      .select()
      .from(variables)
      .where(after === null ? undefined : gt(variables.id, after))
      .orderBy(asc(variables.id))
      .limit(limit)
    return rows.map(row => ({ id: row.id, belongsTo: belongsTo(row, row.name), sealed: row.sealed }))
  },
  async replace(db, row, sealed) {
    await db
      .update(variables)
      .set({ sealed })
      .where(and(eq(variables.id, row.id), eq(variables.sealed, row.sealed)))
  },
}
