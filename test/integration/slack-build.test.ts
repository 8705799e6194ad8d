// The Slack message of a build in the local Slack: one, edited; a notice only when things turn; errors that end.
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { createSlack } from '../../src/slack/client.ts'
import { interactionsPath, slackIntake } from '../../src/slack/intake.ts'
import { createSlackBuildReporter } from '../../src/slack/report-build.ts'
import { createWeb } from '../../src/web.ts'
import {
  addBuild,
  addEnvironment,
  byHand,
  createWorld,
  log,
  makeLive,
  setBuild,
  type World,
} from '../support/github-world.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world[Symbol.asyncDispose]())

const failure = { code: 'compile_failed', message: 'defer/greet.ts:1: <!channel> & friends', annotations: [] }

function reporter(buildId: string, channel: string | null = '#deploys') {
  const { slack } = world.config
  if (!slack) throw new Error('the sandbox gave no Slack')
  return byHand(
    createSlackBuildReporter({ db: world.db, slack: createSlack(slack), channel, gapMs: 0 }),
    buildId,
  )
}

async function freshBuild(environmentId?: string) {
  const name = `env-${Math.random().toString(36).slice(2, 8)}`
  const id = environmentId ?? (await addEnvironment(world, { name, production: false }))
  return { environmentId: id, buildId: await addBuild(world, id) }
}

/** Posted since the last look. */
let seen = 0
function posted() {
  const all = world.sandbox.slack.messages('deploys')
  const fresh = all.slice(seen)
  seen = all.length
  return fresh
}
const textOf = (message: unknown) => JSON.stringify(message)

test('M41: is posted once and edited as the build goes on', async () => {
  const { environmentId, buildId } = await freshBuild()
  const message = reporter(buildId)
  await message.write()
  const [first, ...others] = posted()
  expect(others).toEqual([])
  expect(textOf(first)).toContain('Queued')
  for (const state of ['fetching', 'compiling'] as const) {
    await setBuild(world, buildId, { state })
    await message.write()
  }
  await setBuild(world, buildId, { state: 'succeeded' })
  await makeLive(world, environmentId, buildId, { added: ['greet'] })
  await message.write()
  expect(posted()).toEqual([])
  const edited = world.sandbox.slack.messages('deploys').find(one => one.ts === first?.ts)
  expect(textOf(edited)).toMatch(/Live in env-\w+: 1 added.*`greet`.*took 1 min 15 s/)
})

describe('a notice', () => {
  test('M41: is given when an environment starts failing and when it recovers, not for each failure in between', async () => {
    const { environmentId, buildId } = await freshBuild()
    const message = reporter(buildId)
    await message.write()
    await setBuild(world, buildId, { state: 'failed', failure })
    await message.write()
    const [, failed] = posted()
    expect(failed).toMatchObject({
      threadTs: expect.any(String),
      broadcast: true,
      text: expect.stringContaining('failed at'),
    })

    const second = await freshBuild(environmentId)
    const again = reporter(second.buildId)
    await again.write()
    await setBuild(world, second.buildId, { state: 'failed', failure })
    await again.write()
    expect(posted()).toHaveLength(1)

    const third = await freshBuild(environmentId)
    const mended = reporter(third.buildId)
    await mended.write()
    await setBuild(world, third.buildId, { state: 'succeeded' })
    await makeLive(world, environmentId, third.buildId)
    await mended.write()
    await mended.write()
    const [, recovered, ...more] = posted()
    expect(textOf(recovered)).toContain('Recovered')
    expect(more).toEqual([])
  })

  test('is not given besides a message that is posted as failed in the first place', async () => {
    const { buildId } = await freshBuild()
    await setBuild(world, buildId, { state: 'failed', failure })
    await reporter(buildId).write()
    expect(posted()).toHaveLength(1)
  })
})

test('M46: what a stranger typed mentions nobody', async () => {
  const { buildId } = await freshBuild()
  await setBuild(world, buildId, { state: 'failed', failure, message: '<!here> <@U1> *b*', author: '`x' })
  await reporter(buildId).write()
  const text = textOf(posted())
  expect(text).not.toMatch(/<!|<@/)
  expect(text).toContain('&lt;!channel&gt; &amp; friends')
})

test('a superseded build says so where it was announced, and is not announced any more otherwise', async () => {
  const { buildId } = await freshBuild()
  const announced = reporter(buildId)
  await announced.write()
  await setBuild(world, buildId, { state: 'superseded' })
  await announced.write()
  const [message] = posted()
  expect(textOf(message)).toContain('Superseded by a newer commit')
  await reporter(buildId).write()
  expect(posted()).toEqual([])
})

describe('a try that dies', () => {
  test.each([1, 2])('at its word %i to remember leaves one message', async diesAtRemember => {
    const { buildId } = await freshBuild()
    const message = reporter(buildId)
    await expect(message.write({ diesAtRemember })).rejects.toThrow('killed')
    await message.write()
    expect(posted()).toHaveLength(1)
  })
})

describe('where Slack refuses', () => {
  test.each([
    ['channel_not_found', 'misconfigured', 'invite the bot'],
    ['is_archived', 'misconfigured', 'name another channel'],
    ['token_revoked', 'misconfigured', 'SLACK_BOT_TOKEN'],
    ['some_new_error', 'misconfigured', 'some_new_error'],
  ])('%s ends as %s with the remedy', async (error, code, remedy) => {
    const { buildId } = await freshBuild()
    world.sandbox.slack.fail('chat.postMessage', error)
    await expect(reporter(buildId).write()).rejects.toMatchObject({
      code,
      message: expect.stringContaining(remedy),
    })
  })

  test('for a while only, the error is one that a retry mends', async () => {
    const { buildId } = await freshBuild()
    const message = reporter(buildId)
    world.sandbox.slack.fail('chat.postMessage', { retryAfterSeconds: 1 })
    await expect(message.write()).rejects.not.toHaveProperty('code', 'misconfigured')
    await message.write()
    expect(posted()).toHaveLength(1)
  })

  test('to edit because somebody deleted the message, it stays deleted', async () => {
    const { buildId } = await freshBuild()
    const message = reporter(buildId)
    await message.write()
    posted()
    world.sandbox.slack.fail('chat.update', 'message_not_found')
    await setBuild(world, buildId, { state: 'failed', failure })
    await message.write()
    await message.write()
    expect(posted()).toEqual([])
  })
})

describe('a press', () => {
  const button = { type: 'button', action_id: 'rollback', text: { type: 'plain_text', text: 'Roll back' } }
  const text = 'Live in production'

  async function withButton(secret: string | null) {
    const { config, sandbox } = world
    if (!config.slack) throw new Error('the sandbox gave no Slack')
    const web = await createWeb([slackIntake({ secret, log })], async () => {}, log)
    onTestFinished(() => web.close())
    sandbox.slack.setInteractivityUrl((await web.listen('127.0.0.1', 0)) + interactionsPath)
    const blocks = [
      { type: 'section', text: { type: 'mrkdwn', text } },
      { type: 'actions', elements: [button] },
    ]
    const { channel = '', ts = '' } = await createSlack(config.slack).chat.postMessage({
      channel: '#deploys',
      text,
      blocks,
    })
    posted()
    return { channel, ts, actionId: 'rollback', user: 'rita' }
  }
  const secret = () => world.config.slack?.signingSecret ?? null

  test('M42: with a wrong signature, or one from more than five minutes ago, is 401', async () => {
    const press = await withButton(secret())
    const { slack } = world.sandbox
    expect(await slack.press({ ...press, secret: 'another' })).toBe(401)
    for (const skewSeconds of [-301, 301]) expect(await slack.press({ ...press, skewSeconds })).toBe(401)
    expect(posted()).toEqual([])
  })

  test('M42: that Slack repeats is taken and does nothing', async () => {
    const press = await withButton(secret())
    const retry = { number: 1, reason: 'http_timeout' }
    expect(await world.sandbox.slack.press({ ...press, retry })).toBe(200)
    expect(await world.sandbox.slack.press(press)).toBe(200)
    await expect.poll(() => world.sandbox.slack.messages('deploys').length - seen).toBe(1)
    posted()
  })

  test('M43: of somebody who is not linked is refused to him alone, with where it can be done', async () => {
    const press = await withButton(secret())
    expect(await world.sandbox.slack.press(press)).toBe(200)
    const last = () => world.sandbox.slack.messages('deploys').at(-1)
    await expect.poll(() => last()?.text).toContain('not linked to one on GitHub')
    expect(last()?.ephemeralTo).not.toBeNull()
    posted()
  })

  test('is 503 while no signing secret is set', async () => {
    expect(await world.sandbox.slack.press(await withButton(null))).toBe(503)
  })
})

test('without any channel nothing is written', async () => {
  const { buildId } = await freshBuild()
  await reporter(buildId, null).write()
  expect(posted()).toEqual([])
})
