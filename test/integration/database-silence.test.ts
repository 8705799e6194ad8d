// A connection that says nothing any more, though it owes an answer (RELIABILITY.md F41): what was asked on it fails within a
// limit of ours, and the pool goes on with a new one. The first two failed before src/db/open-socket.ts had a limit: they hung.
import { sql } from 'drizzle-orm'
import { expect, inject, onTestFinished, test } from 'vitest'
import { connect } from '../../src/db/client.ts'
import { isLoss } from '../../src/db/connection-loss.ts'
import { openProxy } from '../support/database-proxy.ts'
import { freshDatabase } from '../support/postgres.ts'

// Longer than an honest answer takes on a busy machine.
const answerWithinMs = 2_000

async function setup(max: number) {
  const proxy = await openProxy(await freshDatabase(inject('postgresUrl')))
  const pool = connect(proxy.url, { max, name: 'subject', answerWithinMs })
  onTestFinished(() => pool.close())
  const ask = () => pool.db.execute<{ pid: number }>(sql`select pg_backend_pid() as pid`)
  return { ...proxy, ...pool, ask }
}

const lossOf = (work: Promise<unknown>) =>
  work.then(
    () => 'it was answered',
    (error: unknown) => (isLoss(error) ? 'lost' : error),
  )

test('what was asked on it fails, also what was asked after it fell silent, and the pool goes on', async () => {
  const { ask, silence } = await setup(1)
  await ask()
  silence()
  const asked = [lossOf(ask()), lossOf(ask())]
  // Asking again and again does not keep it alive.
  const again = setInterval(() => asked.push(lossOf(ask())), 100)
  onTestFinished(() => clearInterval(again))
  expect(await asked[0]).toBe('lost')
  clearInterval(again)
  expect(await asked[1]).toBe('lost')
  expect(await ask()).toHaveLength(1)
})

test('a transaction on it is over', async () => {
  const { db, ask, silence } = await setup(1)
  const transaction = db.transaction(async tx => {
    await tx.execute(sql`select 1`)
    silence()
    await tx.execute(sql`select 2`)
  })
  expect(await lossOf(transaction)).toBe('lost')
  expect(await ask()).toHaveLength(1)
})

test('one that has nothing to say stays: of an idle pool, and one that listens', async () => {
  const { ask, driver, url } = await setup(1)
  const heard = Promise.withResolvers<string>()
  let listening = 0
  await driver.listen('told', heard.resolve, () => {
    listening += 1
  })
  const [before] = await ask()
  // Longer than the limit, by the clock of the same process: another connection was given up meanwhile.
  const other = await openProxy(url)
  const silent = connect(other.url, { max: 1, name: 'other', answerWithinMs: answerWithinMs * 1.5 })
  onTestFinished(() => silent.close())
  await silent.db.execute(sql`select 1`)
  other.silence()
  expect(await lossOf(silent.db.execute(sql`select 2`))).toBe('lost')
  const [after] = await ask()
  expect(after).toEqual(before)
  await driver.notify('told', 'still there')
  expect(await heard.promise).toBe('still there')
  expect(listening).toBe(1)
})
