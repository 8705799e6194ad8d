// The doctor over the local GitHub: right where all is right, and each thing that can be wrong is found, with what to do.
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest'
import { noFaults } from '../../sandbox/github/faults.ts'
import type { Config } from '../../src/config.ts'
import { type Finding, renderFindings } from '../../src/doctor/finding.ts'
import { examine } from '../../src/doctor-command.ts'
import { wantedOfApp } from '../../src/github/setup/manifest.ts'
import { createWorld, type World } from '../support/github-world.ts'
import { freshDatabase } from '../support/postgres.ts'

let world: World
let databaseUrl: string
beforeAll(async () => {
  world = await createWorld()
  databaseUrl = await freshDatabase(inject('postgresUrl'))
})
afterAll(() => world[Symbol.asyncDispose]())
beforeEach(() => {
  Object.assign(world.sandbox.github.faults, noFaults())
  world.sandbox.github.setWebhookUrl(null)
})

const configured = (said: Partial<Config> = {}): Config => ({
  ...{ ...world.config, databaseUrl, isolation: 'off', masterKey: '0123456789abcdef0123456789abcdef' },
  ...said,
})
const wrongIn = (findings: Finding[]) => findings.filter(({ ok }) => !ok)
const wrong = async (said: Partial<Config> = {}) => wrongIn(await examine(configured(said)))
const answer = (path: RegExp, body: unknown, headers = {}) =>
  void world.sandbox.github.faults.rest.push({ pathPattern: path, status: 200, body, headers })

test('where all is right every line says so', async () => {
  const polled = configured({ github: { ...world.config.github, poll: true } })
  const findings = await examine(polled)
  expect(wrongIn(findings)).toEqual([])
  expect(findings.map(({ about }) => about)).toEqual([
    ...['database', 'migrations', 'GitHub App', 'clock', 'permissions', 'events', 'installations'],
    ...['webhook address', 'webhook deliveries', 'Slack', 'storage', 'isolation'],
  ])
  expect(renderFindings(findings)).toMatch(/^✓ database .*\n[^✗]*Nothing is wrong\.\n$/s)
})

test('permissions and events that the App lacks are named', async () => {
  const { permissions, events } = wantedOfApp()
  const body = {
    ...{ slug: 'sluice', permissions: { ...permissions, checks: 'read' } },
    events: events.filter(event => event !== 'merge_group'),
  }
  answer(/^\/app$/, body)
  const found = await wrong({ github: { ...world.config.github, poll: true } })
  expect(found).toMatchObject([
    { about: 'permissions', said: 'missing checks: write' },
    { about: 'events', said: 'not subscribed to merge_group' },
  ])
})

test('a clock that is wrong is told by how much', async () => {
  const { permissions, events } = wantedOfApp()
  const date = new Date(Date.now() - 600_000).toUTCString()
  answer(/^\/app$/, { slug: 'sluice', permissions, events }, { Date: date })
  const found = await wrong({ github: { ...world.config.github, poll: true } })
  expect(found).toMatchObject([
    { about: 'clock', said: expect.stringMatching(/^(599|600|601|602) s ahead of/) },
  ])
})

test('a webhook that goes elsewhere, and does not arrive, is found', async () => {
  world.sandbox.github.setWebhookUrl('http://127.0.0.1:9/api/github/webhooks')
  await world.checkout.commit('unheard')
  await world.checkout.push('origin', 'HEAD:main')
  await world.sandbox.github.settled()
  const found = await wrong({ url: 'https://sluice.example.com' })
  expect(found).toMatchObject([
    { about: 'webhook address', said: expect.stringContaining('127.0.0.1:9'), remedy: expect.any(String) },
    { about: 'webhook deliveries', remedy: expect.stringContaining('--poll') },
  ])
})

test('a suspended installation, and none at all', async () => {
  const github = { ...world.config.github, poll: true }
  answer(/^\/app\/installations$/, [])
  expect(await wrong({ github })).toMatchObject([{ about: 'installations', said: 'none' }])
  world.sandbox.github.suspend('acme')
  expect(await wrong({ github })).toMatchObject([{ about: 'installations', said: 'acme suspended it' }])
  world.sandbox.github.unsuspend('acme')
})

test('no App, a database that is not there, a storage that is a file, a Slack token that is refused', async () => {
  const found = await wrong({
    github: { ...world.config.github, app: null },
    databaseUrl: 'postgres://nobody@127.0.0.1:9/none',
    storage: '/dev/null/artifacts',
    slack: {
      token: 'xoxb-wrong',
      signingSecret: null,
      channel: null,
      apiUrl: `${world.sandbox.slack.apiUrl}/`,
    },
  })
  expect(found.map(({ about }) => about)).toEqual(['database', 'GitHub App', 'Slack', 'storage'])
  for (const { remedy } of found) expect(remedy).toBeTruthy()
  expect(renderFindings(found)).toContain('4 of 4 need a hand.')
})

test('GitHub that does not answer is said, and the rest is looked at all the same', async () => {
  const github = { ...world.config.github, apiUrl: 'http://127.0.0.1:9' }
  expect(await wrong({ github })).toMatchObject([{ about: 'GitHub App' }])
})
