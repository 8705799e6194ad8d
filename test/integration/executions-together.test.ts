// Calls of many callers in one commit: each is accepted, or left to go alone, for itself.
import { eq, sql } from 'drizzle-orm'
import { expect, inject, onTestFinished, test } from 'vitest'
import { publicApi } from '../../src/api/public-api.ts'
import { createToken } from '../../src/api/tokens.ts'
import { functions, liveExecutions } from '../../src/db/schema.ts'
import { createAcceptTogether } from '../../src/executions/accepting/accept-together.ts'
import { createWeb } from '../../src/web.ts'
import { insertEnvironment } from '../support/place.ts'
import { log, setup } from './executions-setup.ts'

async function place() {
  const here = await setup(inject('postgresUrl'))
  const one = await here.deploy('one')
  const together = createAcceptTogether(here.core)
  const callOf = (name: string, argument: unknown, more: object = {}) => ({
    environmentId: one.environmentId,
    functionName: name,
    arguments: [argument],
    ...more,
  })
  const keyed = (key: string) => ({ environmentId: one.environmentId, key, fingerprint: 'f' })
  const stored = async () => {
    const rows = await here.db.select().from(liveExecutions).orderBy(liveExecutions.sequence)
    return rows.map(row => JSON.parse(row.arguments)[0])
  }
  return { ...here, one, together, callOf, keyed, stored }
}

test('what one lacks keeps out that one', async () => {
  const { together, callOf, keyed, stored, deploy, repository, db, environment } = await place()
  const other = await insertEnvironment(db, repository.id, { name: 'staging', branch: 'next' })
  await deploy('two', {}, { environmentId: other.id })
  const accepted = await Promise.all([
    together(callOf('one', 0), null),
    together(callOf('one', 1), null),
    together(callOf('gone', 2), null),
    together(callOf('one', 3), keyed('a')),
    together(callOf('one', 4), keyed('a')),
    together({ ...callOf('two', 5), environmentId: other.id }, null),
    together(callOf('two', 6), keyed('b')), // of the other environment
    together(callOf('one', 7, { discardAfter: new Date(Date.now() + 60_000) }), null),
    together(callOf('one', 8), null),
  ])
  expect(accepted.map(one => one?.functionName ?? null)).toEqual([
    ...['one', 'one', null, 'one', null, 'two', null, null, 'one'],
  ])
  expect((await stored()).sort()).toEqual([0, 1, 3, 5, 8])
  const [kept] = await db.execute<{ keys: string[]; ids: string[] }>(
    sql`select array_agg(key) as keys, array_agg(execution_ids[1]) as ids from idempotency_keys`,
  )
  expect(kept).toEqual({ keys: ['a'], ids: [accepted[3]?.id] })
  expect(environment.id).not.toBe(other.id)
})

test('what the database refuses of one is taken from the others alone', async () => {
  const { together, callOf, stored } = await place()
  const all = [1, 2, 3, 4].map(index =>
    together(callOf('one', index, index === 3 ? { metadata: { a: '\u0000' } } : {}), null),
  )
  const accepted = await Promise.all(all)
  expect(accepted[2]).toBeNull()
  // Those of its group are told to go alone; none was stored twice, none told so without being stored.
  const ids = accepted.filter(one => one !== null)
  expect(await stored()).toHaveLength(ids.length)
})

test('a function that somebody has locked is waited for by those who call it, and by nobody else', async () => {
  const { together, callOf, db, deploy, one } = await place()
  await deploy('two')
  await db.transaction(async tx => {
    await tx.select().from(functions).where(eq(functions.id, one.id)).for('update')
    const [locked, free] = await Promise.all([
      together(callOf('one', 1), null),
      together(callOf('two', 2), null),
    ])
    expect(locked).toBeNull()
    expect(free?.functionName).toBe('two')
  })
})

test('over HTTP each caller has its own answer, in whatever company it came', async () => {
  const { core, db, environment, stored } = await place()
  const web = await createWeb([publicApi({ core, masterKey: 'of tests', log })], async () => {}, log)
  const url = await web.listen('127.0.0.1', 0)
  onTestFinished(() => web.close())
  const token = await createToken(db, environment.id)
  const call = async (index: number) => {
    const [name, key] = [index % 5 === 0 ? 'gone' : 'one', index % 5 === 1 ? 'same' : `own-${index}`]
    const response = await fetch(`${url}/public/v2/executions`, {
      method: 'PUT',
      headers: {
        authorization: `Bearer ${index % 5 === 2 ? 'slt_wrong' : token}`,
        'content-type': 'application/json',
        'idempotency-key': key,
      },
      body: JSON.stringify({ function_name: name, function_arguments: [key], metadata: {} }),
    })
    const { data } = (await response.json()) as { data?: { id: string } }
    return { status: response.status, id: data?.id }
  }
  const answers = await Promise.all(Array.from({ length: 50 }, (_, index) => call(index)))
  expect(answers.map(one => one.status)).toEqual(
    answers.map((_, index) => (index % 5 === 0 ? 404 : index % 5 === 2 ? 401 : 201)),
  )
  expect(new Set(answers.filter((_, index) => index % 5 === 1).map(one => one.id)).size).toBe(1)
  expect((await stored()).sort()).toEqual(
    [
      'same',
      ...[3, 4].flatMap(rest => answers.flatMap((_, i) => (i % 5 === rest ? [`own-${i}`] : []))),
    ].sort(),
  )
})
