// Every example payload that GitHub's community keeps, rightly signed: answered 2xx, worked off without an error in the log, and
// nothing of ours is changed by what speaks of other people's repositories.
import { createHmac, randomUUID } from 'node:crypto'
import { createRequire } from 'node:module'
import { isNull } from 'drizzle-orm'
import fastify, { type FastifyInstance } from 'fastify'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { deliveries, environments, events, installations, repositories } from '../../src/db/schema.ts'
import { processDelivery } from '../../src/github/deliveries/deliveries.ts'
import { githubIntake, webhookPath } from '../../src/github/deliveries/intake.ts'
import { handlers } from '../../src/github/deliveries/webhooks.ts'
import { addEnvironment, createWorld, type World } from '../support/github-world.ts'
import { createTestCore } from '../support/place.ts'

interface Definition {
  name: string
  examples: Record<string, unknown>[]
}
const definitions: Definition[] = createRequire(import.meta.url)('@octokit/webhooks-examples')
const payloads = definitions.flatMap(({ name, examples }) => examples.map(payload => ({ name, payload })))

const logged: { level: number; msg: string }[] = []
const log = pino({ level: 'info' }, { write: (line: string) => void logged.push(JSON.parse(line)) })
const errors = () => logged.filter(({ level }) => level >= 50).map(({ msg }) => msg)

let world: World
let server: FastifyInstance
let url: string
const verbs: string[] = []
beforeAll(async () => {
  world = await createWorld()
  const { db, github } = world
  const core = createTestCore(db)
  const { appId, octokitFor, asApp } = github
  const verb = (name: string) => async () => void verbs.push(name)
  await github.probot.load(
    handlers({
      ...{ db, jobs: core.jobs, log, appId, octokitFor, asApp },
      ...{ syncBranch: verb('syncBranch'), syncPull: verb('syncPull'), rebuild: verb('rebuild') },
      ...{ requestMergeChecks: verb('requestMergeChecks'), receiveComment: verb('receiveComment') },
      ...{ receivePress: verb('receivePress'), reconcileSoon: verb('reconcileSoon') },
    }),
  )
  server = fastify()
  const secret = world.config.github.app?.webhookSecret ?? null
  await server.register(githubIntake({ core, secret, log }))
  url = (await server.listen({ host: '127.0.0.1', port: 0 })) + webhookPath
})
afterAll(async () => {
  await world[Symbol.asyncDispose]()
  await server.close()
})

function send(name: string, payload: object): Promise<number> {
  const body = JSON.stringify(payload)
  const secret = world.config.github.app?.webhookSecret ?? ''
  return fetch(url, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      'x-github-event': name,
      'x-github-delivery': randomUUID(),
      'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
    },
  }).then(answer => answer.status)
}

const ours = async () => {
  const { db, repositoryId, installationId } = world
  const all = {
    repositories: await db.select().from(repositories),
    installations: await db.select().from(installations),
  }
  return {
    repository: all.repositories.find(({ id }) => id === repositoryId),
    installation: all.installations.find(({ id }) => id === installationId),
    environments: await db.select().from(environments),
    events: await db.select().from(events),
  }
}

test('M6: every example payload is answered 2xx, changes nothing of ours and logs no error', async () => {
  await addEnvironment(world)
  const before = await ours()
  expect(payloads.length).toBeGreaterThan(200)
  const refused: string[] = []
  for (const { name, payload } of payloads) {
    const status = await send(name, payload)
    if (status < 200 || status > 299) refused.push(`${name} ${String(payload.action)}: ${status}`)
  }
  expect(refused).toEqual([])
  const { db, github } = world
  const receive = (event: unknown) =>
    github.probot.receive(event as Parameters<typeof github.probot.receive>[0])
  const waiting = await db.select().from(deliveries).where(isNull(deliveries.processedAt))
  const failed: string[] = []
  for (const { id, event, action } of waiting) {
    const core = createTestCore(db)
    await processDelivery({ core, receive, log }, id).catch(error => {
      failed.push(`${event}.${action}: ${error instanceof Error ? error.message : error}`)
    })
  }
  expect(failed).toEqual([])
  expect(errors()).toEqual([])
  expect(await ours()).toEqual(before)
  console.log(`${payloads.length} payloads, ${waiting.length} of them heard, ${verbs.length} verbs called`)
}, 120_000)
