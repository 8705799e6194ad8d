// Many settles in one commit: each fenced by itself, each told its own end, and none before it is stored.
import { eq, sql } from 'drizzle-orm'
import { describe, expect, inject, test } from 'vitest'
import { connect } from '../../src/db/client.ts'
import { executions, liveExecutions } from '../../src/db/schema.ts'
import { cancel } from '../../src/executions/cancel.ts'
import type { Claimed } from '../../src/executions/claim-store.ts'
import { createGroupCommit } from '../../src/executions/group-commit.ts'
import { setup, until } from './executions-setup.ts'

const retryLater = {
  to: 'retryLater',
  error: { name: 'Error', message: 'no' },
  code: 'ER0000',
  delaySeconds: 600,
} as const

async function claimed(amount: number) {
  const here = await setup(inject('postgresUrl'))
  const one = await here.deploy('one')
  for (let index = 0; index < amount; index++) await here.call(one, index)
  const settle = createGroupCommit(here.core)
  const succeed = (holder: Claimed) => settle({ holder, transition: { to: 'succeeded', result: '1' } })
  return { ...here, settle, succeed, all: (await here.claim(amount)).executions }
}

const statesOf = async (here: { stateOf(id: string): Promise<{ state: string }> }, all: Claimed[]) =>
  Promise.all(all.map(async ({ id }) => (await here.stateOf(id)).state))

describe('settles at the same moment', () => {
  test('share a commit, but for the first, which waits for nobody', async () => {
    const here = await claimed(20)
    const settled = await Promise.all(here.all.map(here.succeed))
    expect(new Set(settled)).toEqual(new Set(['settled']))
    const commits = await here.db.selectDistinct({ at: executions.finishedAt }).from(executions)
    expect(commits).toHaveLength(2)
  })

  test('each end as their attempt did', async () => {
    const here = await claimed(4)
    const [returned, threw, failed, stopped] = here.all as [Claimed, Claimed, Claimed, Claimed]
    const { error, code } = retryLater
    const settled = await Promise.all([
      here.succeed(returned),
      here.settle({ holder: threw, transition: retryLater }),
      here.settle({ holder: failed, transition: { to: 'failed', error, code } }),
      here.settle({ holder: stopped, transition: { to: 'givenBack', because: 'no', delaySeconds: 0 } }),
    ])
    expect(settled).toEqual(['settled', 'settled', 'settled', 'settled'])
    expect(await statesOf(here, here.all)).toEqual(['succeeded', 'queued', 'failed', 'queued'])
    const ends = await Promise.all(here.all.map(async ({ id }) => (await here.attemptsOf(id))[0]?.state))
    expect(ends).toEqual(['succeeded', 'failed', 'failed', 'interrupted'])
    expect(await here.stateOf(threw.id)).toMatchObject({ retries: 1, error: null, errorCode: null })
    expect(await here.stateOf(failed.id)).toMatchObject({ retries: 0, errorCode: 'ER0000' })
    expect(await here.stateOf(stopped.id)).toMatchObject({ retries: 0, finishedAt: null })
  })

  test('one that is not its holder any more, and one that is aborted, change nothing for the others', async () => {
    const here = await claimed(6)
    const [first, lost, aborted, ...others] = here.all as [Claimed, Claimed, Claimed, ...Claimed[]]
    await cancel(here.core, { environmentId: aborted.environmentId, id: aborted.id, force: true })
    const zombie = { ...lost, token: '00000000-0000-4000-8000-000000000000' }
    const settled = await Promise.all([first, zombie, aborted, ...others].map(here.succeed))
    expect(settled).toEqual(['settled', 'lost', 'aborted', 'settled', 'settled', 'settled'])
    expect(await statesOf(here, [lost, aborted])).toEqual(['running', 'aborted'])
  })

  test('one that the database refuses does not keep the others from being stored', async () => {
    const here = await claimed(5)
    const [first, refused, ...others] = here.all as [Claimed, Claimed, ...Claimed[]]
    const result = 'a character that no text of PostgreSQL can hold: \0'
    const settled = await Promise.allSettled([
      here.succeed(first),
      here.settle({ holder: refused, transition: { to: 'succeeded', result } }),
      ...others.map(here.succeed),
    ])
    expect(settled.map(one => one.status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
      'fulfilled',
    ])
    expect(await statesOf(here, [first, ...others])).toEqual(Array(4).fill('succeeded'))
    expect((await here.stateOf(refused.id)).state).toBe('running')
  })

  test('a connection that dies with a commit under way loses none, and none is told before it is stored', async () => {
    const here = await claimed(4)
    const [first, second] = here.all as [Claimed, Claimed]
    const other = connect(here.url, { max: 1, name: 'another' })
    const told: string[] = []
    let settled: Promise<unknown> = Promise.resolve()
    await other.db.transaction(async tx => {
      await tx.select().from(liveExecutions).where(eq(liveExecutions.id, second.id)).for('update')
      const tell = async (one: Claimed) => told.push(`${one.id} ${await here.succeed(one)}`)
      settled = Promise.all(here.all.map(tell))
      const [blocked = 0] = await until(async () => {
        const rows = await tx.execute<{ pid: number }>(
          sql`select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        )
        return rows.length > 0 && rows.map(row => row.pid)
      })
      expect(told).toEqual([`${first.id} settled`])
      await tx.execute(sql`select pg_terminate_backend(${blocked})`)
    })
    await settled
    await other.close()
    expect(told.toSorted()).toEqual(here.all.map(one => `${one.id} settled`).toSorted())
    const stored = await here.db.$count(executions, eq(executions.state, 'succeeded'))
    expect(stored).toBe(4)
  })
})
