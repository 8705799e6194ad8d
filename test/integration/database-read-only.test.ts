// A primary that takes no writes for a while, and one that has become a standby (RELIABILITY.md F39): calls are answered 503 and
// nothing of them is kept, what runs goes on, and everything recovers by itself. Before, calls were answered 500, and a
// pool stayed with a server that only reads for as long as that lived.
import { sql } from 'drizzle-orm'
import { expect, inject, onTestFinished, test } from 'vitest'
import { connect } from '../../src/db/client.ts'
import { freshDatabase } from '../support/postgres.ts'
import { serve } from '../support/serving.ts'
import { setup, until } from './executions-setup.ts'

test('calls are refused with 503 and not kept, a running attempt is settled afterwards, nothing is lost', async () => {
  const place = await setup(inject('postgresUrl'))
  await place.deploy('one')
  const { call, hand } = await serve(place)
  const before = await call('one')
  expect(before.status).toBe(201)
  const id = before.id
  await until(async () => hand.running().includes(id))

  const name = sql.identifier(new URL(place.url).pathname.slice(1))
  await place.db.execute(sql`alter database ${name} set default_transaction_read_only = on`)
  await place.db.execute(
    sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name <> 'test'`,
  )
  const refused = [await call('one'), await call('one'), await call('one')]
  expect(refused.map(one => one.error)).toEqual(refused.map(() => 'unavailable'))
  expect(refused.map(one => one.status)).toEqual([503, 503, 503])
  hand.end(id)
  await until(async () => hand.running().length === 0)
  expect((await place.stateOf(id)).state).toBe('running')

  await place.db.execute(sql`alter database ${name} reset default_transaction_read_only`)
  await until(async () => (await place.stateOf(id)).state === 'succeeded')
  const after = await until(async () => {
    const answer = await call('one')
    return answer.status === 201 && answer
  })
  await until(async () => hand.running().includes(after.id))
  const [stored] = await place.db.execute<{ count: number }>(
    sql`select count(*)::int as count from executions`,
  )
  expect(stored?.count).toBe(2)
  expect((await place.attemptsOf(id)).length).toBe(1)
})

test('a connection to a server that only reads is given up, for one to whatever stands there now', async () => {
  const url = await freshDatabase(inject('postgresUrl'))
  const pool = connect(url, { max: 1, name: 'subject' })
  onTestFinished(() => pool.close())
  await pool.db.execute(sql`create table noted (what text)`)
  // What a demoted primary says on the connections it still has; a new one reaches the promoted one.
  await pool.db.execute(sql`set default_transaction_read_only = on`)
  await expect(pool.db.execute(sql`insert into noted values ('refused')`)).rejects.toThrow()
  await until(() =>
    pool.db.execute(sql`insert into noted values ('written')`).then(
      () => true,
      () => false,
    ),
  )
  expect(await pool.db.execute(sql`select what from noted`)).toEqual([{ what: 'written' }])
})
