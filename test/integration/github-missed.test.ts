// Webhooks that never come: what GitHub recorded is sent again or read, once each; then the state is as if they had come.
import { inArray } from 'drizzle-orm'
import fastify, { type FastifyInstance } from 'fastify'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { noFaults } from '../../sandbox/github/faults.ts'
import { createJobs } from '../../src/db/jobs.ts'
import { deliveries } from '../../src/db/schema.ts'
import { githubIntake, webhookPath } from '../../src/github/deliveries/intake.ts'
import { recovery } from '../../src/github/missed/recover-deliveries.ts'
import { claimRound } from '../../src/github/store.ts'
import { addPull, callsDuring, createWorld, log, type World } from '../support/github-world.ts'

let world: World
let server: FastifyInstance
let webhookUrl: string
let core: Parameters<typeof recovery>[0]['core']

beforeAll(async () => {
  world = await createWorld()
  const { db } = world
  const jobs = createJobs(world.database, log)
  core = { db, jobs }
  server = fastify()
  const secret = world.config.github.app?.webhookSecret ?? null
  await server.register(githubIntake({ core: { db, pool: db, jobs, append: async () => {} }, secret, log }))
  webhookUrl = (await server.listen({ host: '127.0.0.1', port: 0 })) + webhookPath
  world.sandbox.github.setWebhookUrl(webhookUrl)
  await world.sandbox.github.settled()
})
afterAll(async () => {
  await world[Symbol.asyncDispose]()
  await server.close()
})
beforeEach(async () => {
  const { github } = world.sandbox
  Object.assign(github.faults, noFaults())
  await github.settled()
  await recoverer(true)() // whatever an earlier test left away
})

const recoverer = (poll = false) => recovery({ core, asApp: world.github.asApp, log, poll })
const stored = async (ids: string[]) => {
  const found = await world.db.select().from(deliveries).where(inArray(deliveries.id, ids))
  return found.map(({ id, event }) => ({ id, event }))
}

/** Pushes what GitHub cannot deliver; resolves to the guids of what it tried. */
async function pushUnheard(times = 1): Promise<string[]> {
  const { github } = world.sandbox
  const before = new Set(github.deliveries().map(({ guid }) => guid))
  github.faults.drop = true
  for (let n = 0; n < times; n++) {
    await world.checkout.commit(`lost ${n}`)
    await world.checkout.push('origin', 'HEAD:main')
  }
  await github.settled()
  github.faults.drop = false
  const since = github.deliveries().filter(({ guid, event }) => !before.has(guid) && event === 'push')
  return since.map(({ guid }) => guid)
}

describe('failed deliveries', () => {
  test('M7: of the last days are sent again, once a guid, and arrive', async () => {
    const lost = await pushUnheard(2)
    const recover = recoverer()
    expect(await recover()).toMatchObject({ sentAgain: lost.length, read: 0 })
    await world.sandbox.github.settled()
    expect(await stored(lost)).toHaveLength(2)
    expect(await recover()).toEqual({ sentAgain: 0, read: 0, failed: 0 })
    expect(attempts(lost)).toBe(2 * lost.length)
  })

  test('M7: that fail again are read from the record and stored under their own id', async () => {
    const lost = await pushUnheard()
    const { faults } = world.sandbox.github
    faults.drop = true
    const recover = recoverer()
    expect(await recover()).toMatchObject({ sentAgain: lost.length })
    await world.sandbox.github.settled()
    expect(await recover()).toMatchObject({ sentAgain: 0, read: lost.length })
    expect(await stored(lost)).toEqual(lost.map(id => ({ id, event: 'push' })))
    const { payload } = deliveries
    const [row] = await world.db.select({ payload }).from(deliveries).where(inArray(deliveries.id, lost))
    expect(JSON.parse(row?.payload ?? '')).toMatchObject({ ref: 'refs/heads/main' })
  })

  test('that somebody else had sent again in vain are read by a process that begins anew', async () => {
    const [guid = ''] = await pushUnheard()
    const { github } = world.sandbox
    github.faults.drop = true
    github.redeliver(github.deliveries().find(one => one.guid === guid)?.id ?? 0)
    await github.settled()
    expect(await recoverer()()).toMatchObject({ read: 1 })
  })

  test('that are nothing to us stay where they are', async () => {
    const { number } = await addPull(world)
    await world.checkout.git('checkout', '--quiet', '-')
    const { github } = world.sandbox
    await github.settled()
    github.faults.drop = true
    const response = await fetch(`${github.apiUrl}/repos/acme/shop/pulls/${number}`, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${world.sandbox.tokens.alice}`, 'content-type': 'application/json' },
      body: JSON.stringify({ title: 'Another title' }),
    })
    expect(response.status).toBe(200)
    await github.settled()
    expect(github.deliveries()[0]).toMatchObject({ event: 'pull_request', action: 'edited', statusCode: 502 })
    expect(await recoverer()()).toEqual({ sentAgain: 0, read: 0, failed: 0 })
  })
})

describe('with --poll', () => {
  test('what happens is read within a round, though no webhook can be sent at all', async () => {
    const { github } = world.sandbox
    github.setWebhookUrl(null)
    const poll = recoverer(true)
    const [guid = ''] = await pushUnheard()
    expect(await poll()).toMatchObject({ sentAgain: 0, read: 1 })
    expect(await stored([guid])).toEqual([{ id: guid, event: 'push' }])
    github.setWebhookUrl(webhookUrl)
  })

  test('a round in which nothing has happened is one conditional request', async () => {
    const poll = recoverer(true)
    await poll()
    const calls = await callsDuring(() => poll())
    expect(calls).toEqual(['GET /api/v3/app/hook/deliveries?per_page=100'])
  })

  test('one that cannot be read for the moment is read in the next round', async () => {
    const poll = recoverer(true)
    await poll()
    const lost = await pushUnheard()
    world.sandbox.github.faults.rest.push({ pathPattern: /hook\/deliveries\/\d+$/, status: 500 })
    expect(await poll()).toMatchObject({ read: 0, failed: 1 })
    expect(await poll()).toMatchObject({ read: 1, failed: 0 })
    expect((await stored(lost)).map(({ id }) => id)).toEqual(lost)
  })
})

test('a round is one process’s, and the next may be begun when it is due', async () => {
  const { db } = world
  const claims = await Promise.all([1, 2, 3].map(() => claimRound(db, 'a round', 60_000)))
  expect(claims.filter(Boolean)).toHaveLength(1)
  expect(await claimRound(db, 'a round', 60_000)).toBe(false)
  expect(await claimRound(db, 'a round', 0)).toBe(true)
})

function attempts(guids: string[]): number {
  return world.sandbox.github.deliveries().filter(({ guid }) => guids.includes(guid)).length
}
