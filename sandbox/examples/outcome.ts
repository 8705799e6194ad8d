// What became of a push in each environment, read from Sluice's database: it shows every stage as it is entered, and for
// longer than the check on GitHub does.
import { and, asc, eq, inArray } from 'drizzle-orm'
import { z } from 'zod'
import { isFinished } from '../../src/builds/states.ts'
import type { Db } from '../../src/db/client.ts'
import { builds, environments, events } from '../../src/db/schema.ts'
import type { Mark } from './stage-times.ts'

export interface Outcome {
  environment: { id: string; name: string }
  state: (typeof builds.$inferSelect)['state']
  finished: boolean
  startedAt: Date | null
  finishedAt: Date | null
  /** The stages it entered, in order. */
  marks: Mark[]
  installCached: boolean | null
  functions: { name: string; file: string }[]
  failure: { code: string; message: string } | null
}

const Failure = z.object({ code: z.string(), message: z.string() })

export async function readOutcomes(db: Db, sha: string): Promise<Outcome[]> {
  const rows = await db
    .select({ build: builds, environment: environments })
    .from(builds)
    .innerJoin(environments, eq(builds.environmentId, environments.id))
    .where(eq(builds.sha, sha))
    .orderBy(asc(builds.createdAt), asc(environments.name))
  const progress = await readProgress(
    db,
    rows.map(({ build }) => build.id),
  )
  return rows.map(({ build, environment }) => ({
    environment: { id: environment.id, name: environment.name },
    state: build.state,
    finished: isFinished(build.state),
    startedAt: build.startedAt,
    finishedAt: build.finishedAt,
    marks: progress.get(build.id) ?? [],
    installCached: build.installCached,
    functions: (build.manifest ?? []).map(({ name, file }) => ({ name, file })),
    failure: build.failure === null ? null : Failure.parse(build.failure),
  }))
}

/** Of the last try of each build. */
async function readProgress(db: Db, ids: string[]): Promise<Map<string, Mark[]>> {
  const rows =
    ids.length === 0
      ? []
      : await db
          .select({ buildId: events.buildId, data: events.data, at: events.createdAt })
          .from(events)
          .where(and(eq(events.type, 'build.progressed'), inArray(events.buildId, ids)))
          .orderBy(asc(events.id))
  const marks = new Map<string, Mark[]>()
  for (const { buildId, data, at } of rows) {
    const stage = String(data.state)
    const earlier = stage === 'fetching' ? [] : (marks.get(buildId ?? '') ?? [])
    marks.set(buildId ?? '', [...earlier, { stage, at }])
  }
  return marks
}
