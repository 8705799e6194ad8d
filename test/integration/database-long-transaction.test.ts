// Somebody's transaction that stays open (RELIABILITY.md F45): it is seen and named, claims go on, and one of ours that stands still
// is ended by PostgreSQL, with what it had locked.
import { sql } from 'drizzle-orm'
import { expect, inject, onTestFinished, test } from 'vitest'
import { connect, type Tx } from '../../src/db/client.ts'
import { isLoss } from '../../src/db/connection-loss.ts'
import { databaseFacts } from '../../src/db/facts-store.ts'
import { only, setup } from './executions-setup.ts'

test('it is seen with whose it is, and only while it is open; claims and settles go on beside it', async () => {
  const here = await setup(inject('postgresUrl'))
  const other = connect(here.url, { max: 1, name: 'a report of theirs' })
  onTestFinished(() => other.close())
  const one = await here.deploy('one')
  const over = Promise.withResolvers<void>()
  const open = Promise.withResolvers<void>()
  const transaction = other.db.transaction(
    async tx => {
      await tx.execute(sql`select count(*) from executions`)
      open.resolve()
      await over.promise
    },
    { isolationLevel: 'repeatable read' },
  )
  await open.promise
  const ofTheirs = async () => (await databaseFacts(here.db)).oldest?.name === 'a report of theirs' || null
  expect(await ofTheirs()).toBe(true)
  const { id } = await here.call(one)
  const claimed = only((await here.claim(1)).executions)
  await here.end(claimed, { kind: 'returned', result: '1' })
  expect((await here.stateOf(id)).state).toBe('succeeded')
  over.resolve()
  await transaction
  expect(await ofTheirs()).toBeNull()
})

test('ours are ended when they stand still for long: the lock is free, the pool goes on', async () => {
  const here = await setup(inject('postgresUrl'))
  const subject = connect(here.url, { max: 1, name: 'stands still' })
  onTestFinished(() => subject.close())
  expect(await subject.db.execute(sql`show idle_in_transaction_session_timeout`)).toEqual([
    { idle_in_transaction_session_timeout: '1min' },
  ])
  const freed = Promise.withResolvers<void>()
  const locked = Promise.withResolvers<void>()
  const transaction = subject.db.transaction(async (tx: Tx) => {
    // Sooner than a minute, here.
    await tx.execute(sql`set local idle_in_transaction_session_timeout = '100ms'`)
    await tx.execute(sql`lock table overlays in access exclusive mode`)
    locked.resolve()
    await freed.promise
    await tx.execute(sql`select 1`)
  })
  const ended = expect(transaction).rejects.toSatisfy(isLoss)
  await locked.promise
  await here.db.execute(sql`select from overlays limit 1`)
  freed.resolve()
  await ended
  expect(await subject.db.execute(sql`select 1 as one`)).toEqual([{ one: 1 }])
})
