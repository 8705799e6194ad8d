// Deliveries nobody is going to process any more are found again, and only those.
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest'
import { connect, type Database } from '../../src/db/client.ts'
import { createJobs } from '../../src/db/jobs.ts'
import { deliveriesLeftBehind } from '../../src/github/store.ts'
import { log } from '../support/github-world.ts'
import { freshDatabase } from '../support/postgres.ts'

let database: Database
beforeAll(async () => {
  database = connect(await freshDatabase(inject('postgresUrl')), { max: 4, name: 'test deliveries' })
})
afterAll(() => database.close())
beforeEach(async () => {
  await database.db.execute(sql`truncate deliveries`)
  await database.db.execute(sql`delete from pgboss.job`)
})

async function received(id: string, { ago, error = null }: { ago: string; error?: string | null }) {
  await database.db.execute(sql`
    insert into deliveries (id, event, payload, received_at, error)
    values (${id}, 'push', '{}', now() - ${ago}::interval, ${error})`)
}

async function jobOf(
  id: string,
  state: 'created' | 'retry' | 'active' | 'completed' | 'failed',
  ago = '1 second',
) {
  await createJobs(database, log).send(database.db, 'delivery', { id })
  await database.db.execute(sql`
    update pgboss.job set state = ${state}::pgboss.job_state, created_on = now() - ${ago}::interval,
      completed_on = case when ${state} in ('completed', 'failed') then now() - ${ago}::interval end
    where data->>'id' = ${id}`)
}

const behind = () => deliveriesLeftBehind(database.db, 100)

test('one whose job is gone is found, once it is a minute old', async () => {
  await received('fresh', { ago: '10 seconds' })
  await received('lost', { ago: '2 minutes' })
  expect(await behind()).toEqual(['lost'])
})

test.each(['created', 'retry', 'active'] as const)('one whose job is %s is left to it', async state => {
  await received('waiting', { ago: '2 hours', error: 'it failed once' })
  await jobOf('waiting', state)
  expect(await behind()).toEqual([])
})

test('one whose job gave up is tried again after an hour, not at once', async () => {
  await received('just', { ago: '2 hours', error: 'GitHub is down' })
  await jobOf('just', 'failed', '5 minutes')
  await received('long', { ago: '3 hours', error: 'GitHub is down' })
  await jobOf('long', 'failed', '61 minutes')
  expect(await behind()).toEqual(['long'])
})

test('one whose job ended without having processed it was killed in between, and is found', async () => {
  await received('killed', { ago: '2 minutes' })
  await jobOf('killed', 'failed')
  expect(await behind()).toEqual(['killed'])
})

test('after three days, or once processed, it is left as it is', async () => {
  await received('old', { ago: '4 days' })
  await received('done', { ago: '5 minutes' })
  await database.db.execute(sql`update deliveries set processed_at = now() where id = 'done'`)
  expect(await behind()).toEqual([])
})
