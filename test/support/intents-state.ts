// What the tables say of one environment, in the words of intents-model.ts.
import { asc, eq, inArray } from 'drizzle-orm'
import type { Db } from '../../src/db/client.ts'
import { deletions, versions } from '../../src/db/schema.ts'
import { findEnvironment } from '../../src/environments/store.ts'
import { overlaysInForce } from '../../src/functions/overlays-store.ts'
import { type FunctionWithVersion, findBuild, listFunctions } from '../../src/functions/store.ts'
import type { ModelFunction } from './intents-model.ts'

export async function stateOfPlace(db: Db, environmentId: string) {
  const environment = await findEnvironment(db, environmentId)
  const live = environment?.activeBuildId ? await findBuild(db, environment.activeBuildId) : null
  const inForce = await overlaysInForce(db, environmentId)
  const paused = (functionId: string | null) =>
    inForce.some(one => one.kind === 'pause' && one.functionId === functionId)
  const all: Record<string, ModelFunction> = {}
  for (const one of await listFunctions(db, environmentId)) {
    const contents = await contentsOf(db, one)
    all[one.name] = {
      versions: contents,
      active: (one.version?.number ?? 0) - 1,
      archived: one.archivedBecause,
      deletion: await deletionOf(db, one),
      paused: paused(one.id),
    }
  }
  return {
    live: live?.number ?? null,
    pinned: inForce.some(one => one.kind === 'pin'),
    paused: paused(null),
    functions: all,
  }
}

async function contentsOf(db: Db, one: FunctionWithVersion): Promise<string[]> {
  const rows = await db
    .select()
    .from(versions)
    .where(eq(versions.functionId, one.id))
    .orderBy(asc(versions.number))
  return rows.map(row => row.bundleDigest.slice(`sha256:${one.name}-`.length))
}

/** The state and the deletion's row must say the same. */
async function deletionOf(db: Db, one: FunctionWithVersion): Promise<ModelFunction['deletion']> {
  const rows = await db
    .select()
    .from(deletions)
    .where(inArray(deletions.functionId, [one.id]))
  const pending = rows.filter(row => row.cancelledAt === null && row.completedAt === null)
  if (pending.length !== (one.state === 'pending_deletion' ? 1 : 0))
    throw new Error(`${one.name} is ${one.state} with ${pending.length} deletions`)
  const [deletion] = pending
  if (!deletion) return null
  return deletion.executeAt.getTime() - deletion.createdAt.getTime() < 60_000 ? 'due' : 'later'
}
