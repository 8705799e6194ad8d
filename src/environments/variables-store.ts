// SQL of variables. Values are sealed before they come here and opened after they left: variables.ts.
import { and, asc, eq, isNull, or, sql } from 'drizzle-orm'
import type { Db, Tx } from '../db/client.ts'
import { variables } from '../db/schema.ts'

export type Variable = typeof variables.$inferSelect
export type Scope = Variable['scope']

/** Whose variables: of one environment, or (null) of all environments of the repository. */
export interface Owner {
  repositoryId: number
  environmentId: string | null
}

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
