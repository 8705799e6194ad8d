// SQL of what happened in an environment, newest first, from the events, which nobody changes. Read only.
import { and, desc, eq, lt, notInArray } from 'drizzle-orm'
import type { Db } from '../../db/client.ts'
import { builds, events, functions } from '../../db/schema.ts'

/** Steps on the way, which the pages of builds show. */
const uninteresting = ['build.progressed', 'command.received', 'release.held']

export function listEvents(
  db: Db,
  environmentId: string,
  { before, actor, limit }: { before: number | null; actor: string | null; limit: number },
) {
  const { id, type, actor: by, via, data, createdAt } = events
  return db
    .select({ id, type, actor: by, via, data, createdAt, build: builds.number, functionName: functions.name })
    .from(events)
    .leftJoin(builds, eq(builds.id, events.buildId))
    .leftJoin(functions, eq(functions.id, events.functionId))
    .where(
      and(
        eq(events.environmentId, environmentId),
        notInArray(type, uninteresting),
        before === null ? undefined : lt(id, before),
        actor === null ? undefined : eq(by, actor),
      ),
    )
    .orderBy(desc(id))
    .limit(limit)
}

export type Happened = Awaited<ReturnType<typeof listEvents>>[number]
