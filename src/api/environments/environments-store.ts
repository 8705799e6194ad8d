// SQL of environments as the API shows them. Read only.
import { and, asc, eq, isNull, sql } from 'drizzle-orm'
import type { Db } from '../../db/client.ts'
import { builds, environments, functions, overlays } from '../../db/schema.ts'

const inForce = (kind: 'pause' | 'pin') => sql<boolean>`exists (
  select from ${overlays}
  where ${overlays.environmentId} = ${environments.id} and ${overlays.functionId} is null
    and ${overlays.kind} = ${kind} and ${overlays.liftedAt} is null
    and (${overlays.until} is null or ${overlays.until} > now())
)`

const functionCount = sql<number>`(
  select count(*)::int from ${functions}
  where ${functions.environmentId} = ${environments.id} and ${functions.state} <> 'deleted'
)`

/** Those that are open, by name; `only`: that one. */
export function listShownEnvironments(db: Db, repositoryId: number, only: string | null) {
  return db
    .select({
      environment: environments,
      build: { id: builds.id, number: builds.number, sha: builds.sha },
      paused: inForce('pause'),
      pinned: inForce('pin'),
      functions: functionCount,
    })
    .from(environments)
    .leftJoin(builds, eq(builds.id, environments.activeBuildId))
    .where(
      and(
        eq(environments.repositoryId, repositoryId),
        isNull(environments.closedAt),
        only === null ? undefined : eq(environments.id, only),
      ),
    )
    .orderBy(asc(environments.name))
}
