// A pool without a free connection (RELIABILITY.md F43): health says so in time, leases are kept and ends are stored on connections
// of their own, what waited goes on afterwards, and nobody who holds a connection waits for a second one.
import { eq, sql } from 'drizzle-orm'
import { expect, inject, onTestFinished, test } from 'vitest'
import { connect } from '../../src/db/client.ts'
import { pingDatabase } from '../../src/db/ping.ts'
import { liveExecutions } from '../../src/db/schema.ts'
import { enqueue } from '../../src/executions/enqueue.ts'
import { rescue } from '../../src/executions/rescue.ts'
import { archive } from '../../src/functions/archive.ts'
import { cancelDeletion, requestDeletion } from '../../src/functions/deletion.ts'
import { drain, finishDrains } from '../../src/functions/drain.ts'
import { pause } from '../../src/functions/pause.ts'
import { restore } from '../../src/functions/restore.ts'
import { resume } from '../../src/functions/resume.ts'
import { createTestCore } from '../support/place.ts'
import { serve } from '../support/serving.ts'
import { setup, until } from './executions-setup.ts'

test('it is told, nothing is lost, and what waited is answered', async () => {
  const place = await setup(inject('postgresUrl'))
  await place.deploy('one')
  const connections = 2
  const { call, hand, pool } = await serve(place, { connections })
  const { id } = await call('one')
  await until(async () => hand.running().includes(id))
  const over = Promise.withResolvers<void>()
  const taken = Array.from({ length: connections }, () => Promise.withResolvers<void>())
  const holding = taken.map(one =>
    pool.db.transaction(async () => {
      one.resolve()
      await over.promise
    }),
  )
  await Promise.all(taken.map(one => one.promise))

  await expect(pingDatabase(pool.db, 200)).rejects.toMatchObject({ code: 'unavailable' })
  const waiting = [call('one'), call('one'), call('one')]
  const leaseOf = async () =>
    (await place.db.select().from(liveExecutions).where(eq(liveExecutions.id, id)))[0]?.leaseUntil?.getTime()
  const lease = await leaseOf()
  await until(async () => (await leaseOf()) !== lease)
  hand.end(id)
  await until(async () => (await place.stateOf(id)).state === 'succeeded')

  over.resolve()
  await Promise.all(holding)
  const answers = await Promise.all(waiting)
  expect(answers.map(one => one.status)).toEqual([201, 201, 201])
  for (const answer of answers) {
    await until(async () => hand.running().includes(answer.id))
    hand.end(answer.id)
  }
})

test('every verb manages with the only connection there is, many at once', async () => {
  const place = await setup(inject('postgresUrl'))
  await place.deploy('one')
  const pool = connect(place.url, { max: 1, name: 'one connection' })
  onTestFinished(() => pool.close())
  const core = { ...createTestCore(pool.db), payloads: place.core.payloads }
  const on = { environmentId: place.environment.id, functionName: 'one', actor: 'alice', dryRun: false }
  const all = { ...on, functionName: null }
  const none = { reason: null, until: null }
  const work = Array.from({ length: 5 }, () => [
    enqueue(core, { environmentId: place.environment.id, functionName: 'one', arguments: [] }),
    pause(core, { ...on, ...none }),
    pause(core, { ...all, ...none }),
    resume(core, on),
    resume(core, all),
    archive(core, on),
    restore(core, on),
    requestDeletion(core, { ...on, reason: 'user_requested', graceSeconds: 3_600 }),
    cancelDeletion(core, on),
    drain(core, { ...all, graceSeconds: 1 }),
    finishDrains(core),
    rescue(core),
  ]).flat()
  expect((await Promise.all(work)).length).toBe(60)
  expect(await pool.db.execute(sql`select count(*)::int as count from executions`)).toEqual([{ count: 5 }])
})
