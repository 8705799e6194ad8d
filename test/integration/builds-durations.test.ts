// How long a preview's changed functions take beside production: which executions count, and what is read to know it.
import { eq, sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { loadDurations, newestRun } from '../../src/builds/views/durations-store.ts'
import { commentsWithNewRuns } from '../../src/builds/views/pull-view-store.ts'
import { connect, type Database } from '../../src/db/client.ts'
import { environments, reports } from '../../src/db/schema.ts'
import { deploy, setup } from '../support/commenting.ts'
import { insertEnvironment } from '../support/place.ts'
import { freshDatabase } from '../support/postgres.ts'

let database: Database
beforeAll(async () => {
  database = connect(await freshDatabase(inject('postgresUrl')), { max: 5, name: 'durations test' })
})
afterAll(() => database.close())

interface Ran {
  environmentId: string
  functionId: string
  versionId: string | null
}

/** Finished executions of a version, each of so many milliseconds, an hour ago or when it is said. */
function ran(
  { environmentId, functionId, versionId }: Ran,
  took: number[],
  { state = 'succeeded', ago = '1 hour' } = {},
) {
  return database.db.execute(sql`
    insert into finished_executions
      (id, function_id, environment_id, version_id, state, arguments, error, attempt_started_at, finished_at)
    select gen_random_uuid(), ${functionId}, ${environmentId}, ${versionId}, ${state}, '[]',
      case when ${state} = 'failed' then '{}' end,
      now() - ${ago}::interval - make_interval(secs => ms / 1000.0), now() - ${ago}::interval
    from unnest(${sql.param(took)}::float8[]) as ms`)
}

/** Production and a preview in which `hello` is another and `mail` the same. */
async function place() {
  const all = await setup(database.db)
  const { db, core, production, preview, functionNamed } = all
  await db.update(environments).set({ baseBranch: 'main' }).where(eq(environments.id, preview.id))
  await deploy(core, preview.id, 2, ['mail'])
  await deploy(core, preview.id, 3, ['hello', 'mail'], 'another')
  await deploy(core, production.id, 4, ['hello', 'mail'], '1')
  await db.execute(sql`
    update versions set fingerprint = 'same' from functions
    where functions.id = versions.function_id and functions.name = 'mail' and versions.id = functions.active_version_id
      and functions.environment_id in (${production.id}, ${preview.id})`)
  const of = async (environment: { id: string }, name: string): Promise<Ran> => {
    const one = await functionNamed(environment, name)
    return {
      environmentId: environment.id,
      functionId: one?.id ?? '',
      versionId: one?.activeVersionId ?? null,
    }
  }
  return { ...all, of }
}

test('compares functions whose code differs, once the preview has run them, by what succeeded of the live versions', async () => {
  const { db, production, preview, of } = await place()
  const [here, there] = [await of(preview, 'hello'), await of(production, 'hello')]
  await ran(there, [10, 20, 30])
  expect(await loadDurations(db, preview.id)).toBeNull()
  await ran(here, [100])
  await ran(here, [9_000], { state: 'failed' })
  await ran({ ...here, versionId: null }, [9_000])
  await ran(there, [9_000], { ago: '4 days' })
  await ran(await of(preview, 'mail'), [1])
  expect(await loadDurations(db, preview.id)).toEqual({
    base: 'production',
    functions: [
      {
        name: 'hello',
        own: { runs: 1, meanMs: expect.closeTo(100), p95Ms: expect.closeTo(100) },
        base: { runs: 3, meanMs: expect.closeTo(20), p95Ms: expect.closeTo(29) },
      },
    ],
  })
})

test('takes the environment of the base branch with the same root, and none where there is none', async () => {
  const { db, repository, preview, of } = await place()
  await ran(await of(preview, 'hello'), [5])
  const values = { name: 'a-jobs', root: 'apps/jobs', production: false }
  await insertEnvironment(db, repository.id, values)
  expect((await loadDurations(db, preview.id))?.base).toBe('production')
  await db.update(environments).set({ baseBranch: 'develop' }).where(eq(environments.id, preview.id))
  expect(await loadDurations(db, preview.id)).toBeNull()
})

test('a comment is refreshed when the first has run, and then every ten minutes at most', async () => {
  const { db, preview, repository, of } = await place()
  const subject = `${repository.id}#7`
  await db.insert(reports).values({ kind: 'comment', subject, remote: { id: 1 } })
  const asked = async () => (await commentsWithNewRuns(db)).includes(subject)
  const which = eq(reports.subject, subject)
  expect(await asked()).toBe(false)
  await ran(await of(preview, 'hello'), [5])
  expect(await asked()).toBe(true)
  await db
    .update(reports)
    .set({ remote: { id: 1, runs: await newestRun(db, preview.id) } })
    .where(which)
  expect(await asked()).toBe(false)
  await ran(await of(preview, 'hello'), [5])
  expect(await asked()).toBe(false)
  await db.update(reports).set({ updatedAt: sql`now() - interval '11 minutes'` }).where(which)
  expect(await asked()).toBe(true)
})

test('reads a bounded part of a long history, along its index', async () => {
  const { db, production, preview, of } = await place()
  const there = await of(production, 'hello')
  await ran(await of(preview, 'hello'), [5])
  for (let n = 0; n < 6; n++)
    await ran(
      there,
      Array.from({ length: 20_000 }, () => 10),
    )
  await db.execute(sql`analyze finished_executions`)
  const began = performance.now()
  const found = await loadDurations(db, preview.id)
  console.info(`durations beside 120,000 executions: ${Math.round(performance.now() - began)} ms`)
  expect(found?.functions[0]?.base?.runs).toBe(20_000)
  const plan = await db.execute<{ 'QUERY PLAN': string }>(sql`
    explain select version_id from finished_executions
    where environment_id = ${production.id} and finished_at > now() - interval '3 days'
    order by sequence desc limit 20000`)
  const text = plan.map(row => row['QUERY PLAN']).join('\n')
  expect(text).toContain('Index Scan Backward')
  expect(text).not.toContain('Sort ')
})
