// A connection that breaks in the middle of what it does (RELIABILITY.md F38, F42): the process lives, the transaction is over as
// a whole, and the pool goes on with a connection that works, with the very next statement. Each failed before
// src/db/connection-loss.ts and open-socket.ts.
import { sql } from 'drizzle-orm'
import { expect, inject, onTestFinished, test } from 'vitest'
import { connect, type Tx } from '../../src/db/client.ts'
import { isLoss, tolerateLoss } from '../../src/db/connection-loss.ts'
import { jobsDatabase } from '../../src/db/jobs-database.ts'
import { openProxy } from '../support/database-proxy.ts'
import { freshDatabase } from '../support/postgres.ts'

/** `subject` has one connection, so that what comes after is said on the same one. */
async function setup() {
  const url = await freshDatabase(inject('postgresUrl'))
  const subject = connect(url, { max: 1, name: 'subject' })
  const other = connect(url, { max: 2, name: 'other' })
  onTestFinished(async () => {
    await subject.close()
    await other.close()
  })
  await other.db.execute(sql`create table noted (what text)`)
  const terminate = async (pid: number) => {
    await other.db.execute(sql`select pg_terminate_backend(${pid})`)
  }
  const noted = async () =>
    (await other.db.execute<{ what: string }>(sql`select what from noted`)).map(one => one.what)
  return { url, subject, other, terminate, noted }
}

const pidOf = async (tx: Tx) => Number((await tx.execute(sql`select pg_backend_pid() as pid`))[0]?.pid)
const note = (what: string) => sql`insert into noted values (${what})`

test('one that breaks during a statement of a transaction: it fails, and the next one works', async () => {
  const { subject, terminate, noted } = await setup()
  const broken = subject.db.transaction(async tx => {
    await tx.execute(note('lost'))
    const pid = await pidOf(tx)
    const asleep = tx.execute(sql`select pg_sleep(600)`)
    await terminate(pid)
    await asleep
  })
  await expect(broken).rejects.toThrow()
  await subject.db.transaction(tx => tx.execute(note('kept')))
  expect(await noted()).toEqual(['kept'])
})

test('what a dead transaction still wants does not happen inside the next one', async () => {
  const { subject, terminate, noted } = await setup()
  const [inNext, dead] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const first = subject.db.transaction(async tx => {
    const pid = await pidOf(tx)
    await terminate(pid)
    await inNext.promise // at work on something else while its connection goes
    await tx.execute(note('of the dead one')).then(
      () => dead.resolve(),
      () => dead.resolve(),
    )
  })
  await expect(first).rejects.toThrow()
  const next = subject.db.transaction(async tx => {
    await tx.execute(note('of the next'))
    inNext.resolve()
    await dead.promise
    await tx.execute(note('of the next, too'))
  })
  await next
  expect(await noted()).toEqual(['of the next', 'of the next, too'])
})

test('in a transaction within a transaction as well', async () => {
  const { subject, terminate, noted } = await setup()
  const broken = subject.db.transaction(async tx => {
    const pid = await pidOf(tx)
    await tx.transaction(async inner => {
      const asleep = inner.execute(sql`select pg_sleep(600)`)
      await terminate(pid)
      await asleep
    })
  })
  await expect(broken).rejects.toThrow()
  await subject.db.execute(note('after'))
  expect(await noted()).toEqual(['after'])
})

test('during a script of the job queue', async () => {
  const { subject, other, noted } = await setup()
  const script = jobsDatabase(subject).executeSql(
    `begin; insert into noted values ('lost'); select pg_sleep(600); commit`,
  )
  const refused = expect(script).rejects.toThrow()
  for (let ended = 0; ended === 0; )
    ended = (
      await other.db.execute(
        sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'subject' and query like '%pg_sleep(600)%' and pid <> pg_backend_pid() and datname = current_database()`,
      )
    ).length
  await refused
  await subject.db.execute(note('after'))
  expect(await noted()).toEqual(['after'])
})

test('a transaction that fails by itself is rolled back as ever, within another too', async () => {
  const { subject, noted } = await setup()
  const failed = subject.db.transaction(async tx => {
    await tx.execute(note('undone'))
    throw new Error('as it was told')
  })
  await expect(failed).rejects.toThrow('as it was told')
  await subject.db.transaction(async tx => {
    await tx.execute(note('kept'))
    await tx
      .transaction(async inner => {
        await inner.execute(note('undone'))
        await inner.execute(sql`select 1 / 0`)
      })
      .catch(() => {})
  })
  expect(await noted()).toEqual(['kept'])
})

test('reset a hundred times at any moment: every query ends, and the pool works afterwards', async () => {
  const { url } = await setup()
  const proxy = await openProxy(url)
  const pool = connect(proxy.url, { max: 3, name: 'reset' })
  onTestFinished(() => pool.close())
  for (let round = 0; round < 100; round++) {
    const queries = Array.from({ length: 6 }, (_, index) =>
      index % 2 === 0
        ? pool.db.execute(sql`select pg_sleep(0.001)`)
        : pool.db.transaction(async tx => {
            await tx.execute(sql`select 1`)
            await tx.execute(sql`select pg_sleep(0.001)`)
          }),
    )
    for (let turn = 0; turn < round % 12; turn++) await new Promise(setImmediate)
    proxy.reset()
    await Promise.allSettled(queries)
  }
  expect(await pool.db.execute(sql`select 1 as one`)).toHaveLength(1)
})

test('however statements come while it breaks, the next connection comes up', async () => {
  const { url } = await setup()
  const proxy = await openProxy(url)
  const pool = connect(proxy.url, { max: 1, name: 'next' })
  onTestFinished(() => pool.close())
  const ask = () =>
    pool.db.execute(sql`select 1`).then(
      () => 'answered',
      error => (isLoss(error) ? 'lost' : error),
    )
  for (let round = 0; round < 5; round++) {
    expect(await ask()).toBe('answered')
    proxy.reset()
    const asked: Promise<unknown>[] = []
    // One in each turn of the loop, some of them between the end of the connection and the driver's word of it.
    for (let turn = 0; turn < 20; turn++) {
      await new Promise(resolve => setTimeout(resolve, 0))
      asked.push(ask())
    }
    expect(new Set(await Promise.all(asked)).difference(new Set(['answered', 'lost']))).toEqual(new Set())
  }
})

test('a broken connection of which nobody was told ends no process; any other failure does', () => {
  const broken = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })
  expect(() => tolerateLoss(broken)).not.toThrow()
  expect(() => tolerateLoss(new Error('no query', { cause: broken }))).not.toThrow()
  expect(() => tolerateLoss(new TypeError('ours'))).toThrow('ours')
})
