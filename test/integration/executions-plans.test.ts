// The statements that run for every execution are planned once, over a queue that may be empty then. They must find their rows by
// an index when a hundred thousand of another function are held: what they read is counted, not timed.
import { sql } from 'drizzle-orm'
import { describe, expect, inject, onTestFinished, test } from 'vitest'
import { connect, type Db } from '../../src/db/client.ts'
import { claimed, dueFunctions } from '../../src/executions/claim-store.ts'
import { renewed } from '../../src/executions/lease-store.ts'
import { ended, type Holder, handedBack } from '../../src/executions/settle-store.ts'
import { setup } from './executions-setup.ts'

const held = 100_000
const claimedAtOnce = 20
const nobody = '00000000-0000-0000-0000-000000000000'
const succeeded = { state: 'succeeded', attemptState: 'succeeded' } as const
const worker = { workerId: 'w1', leaseSeconds: 30 }

/** One connection, so that what is prepared on it is what is looked at. */
function oneConnection(url: string): Db {
  const database = connect(url, { max: 1, name: 'plans', planning: 'by index' })
  onTestFinished(() => database.close())
  return database.db
}

async function runAll(db: Db, functionId: string) {
  await dueFunctions(db, { limit: 10 })
  const claims = await claimed(db, {
    functionIds: [functionId],
    each: claimedAtOnce,
    all: claimedAtOnce,
    limited: false,
    ...worker,
  })
  const none = { id: nobody, attempt: 1, token: nobody }
  const [first = none, second = none, ...rest] = claims
  await renewed(db, { tokens: [first, second, ...rest].map(one => one.token), leaseSeconds: 30 })
  await handedBack(db, [first])
  const end = ({ id, attempt, token }: Holder) => ({
    id,
    attempt,
    token,
    result: '1',
    error: null,
    code: null,
  })
  const as = { attemptError: null, retries: 0, delaySeconds: null } as const
  await ended(db, [
    { ...end(second), ...as, state: 'queued', attemptState: 'interrupted' },
    ...[none, ...rest].map(one => ({ ...end(one), ...as, ...succeeded })),
  ])
  return claims.length
}

async function blocksRead(db: Db): Promise<number> {
  await db.execute(sql`select pg_stat_force_next_flush()`)
  const [row] = await db.execute<{ blocks: number }>(sql`
    select (heap_blks_hit + heap_blks_read + idx_blks_hit + idx_blks_read)::int as blocks
    from pg_statio_user_tables where relname = 'live_executions'
  `)
  return row?.blocks ?? 0
}

describe('a plan made over an empty queue', () => {
  test('reads no more when another function has a hundred thousand held', async () => {
    const here = await setup(inject('postgresUrl'))
    const [busy, paused] = [await here.deploy('busy'), await here.deploy('paused')]
    await here.pause(paused.id)
    const db = oneConnection(here.url)
    await runAll(db, busy.id)
    await db.execute(sql`
      insert into live_executions (environment_id, function_id, arguments)
      select ${here.environment.id}, ${paused.id}, '[]' from generate_series(1, ${held}::int)
    `)
    for (let call = 0; call < claimedAtOnce; call++) await here.call(busy)
    const before = await blocksRead(db)
    expect(await runAll(db, busy.id)).toBe(claimedAtOnce)
    // Some thirty for each that is claimed, renewed and ended; all that are held are thousands.
    expect((await blocksRead(db)) - before).toBeLessThan(100 * claimedAtOnce)
    const kept = await db.execute<{ generic: boolean }>(sql`
      select custom_plans = 0 as generic from pg_prepared_statements where statement like '%live_executions%'
    `)
    expect(kept.every(one => one.generic)).toBe(true)
  })

  test('is looked up by ids, however little there is', async () => {
    const here = await setup(inject('postgresUrl'))
    const busy = await here.deploy('busy')
    await here.db.execute(sql`vacuum analyze live_executions`)
    const db = oneConnection(here.url)
    await runAll(db, busy.id)
    const statements = await db.execute<{ name: string; parameters: number }>(sql`
      select name, cardinality(parameter_types) as parameters
      from pg_prepared_statements where statement like '%live_executions%'
    `)
    expect(statements).toHaveLength(6)
    for (const { name, parameters } of statements) {
      const values = Array.from({ length: parameters }, () => 'null').join(', ')
      const rows = await db.execute<Record<string, string>>(sql.raw(`explain execute "${name}"(${values})`))
      const plan = rows.map(row => row['QUERY PLAN']).join('\n')
      expect(plan).not.toMatch(/Seq Scan|Bitmap/)
      // By id it is one row a look; whatever else is used is the queue in its order, or the few that run.
      expect(plan).not.toMatch(/live_executions_pkey on live_executions\w*\s+\(.*\n(?!\s+Index Cond)/)
      expect(plan).not.toMatch(/executions_listed/)
    }
  })
})
