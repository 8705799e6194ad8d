// The local Slack under the real client: messages, threads, rate limits, refusals, and presses with signatures.
import { createHmac, timingSafeEqual } from 'node:crypto'
import { join } from 'node:path'
import { LogLevel, WebClient } from '@slack/web-api'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Listening, listen } from '../../sandbox/http/listen.ts'
import { readBody } from '../../sandbox/http/request.ts'
import { type Slack, startSlack } from '../../sandbox/slack/server.ts'
import { temporaryFolder } from '../../sandbox/testing/temporary.ts'

const signingSecret = 'a signing secret'
const folder = temporaryFolder()

type Pressed = {
  actions: { action_id: string; value: string }[]
  user: { name: string }
  response_url: string
}

let slack: Slack
let app: Listening
let client: WebClient
let pressed: Pressed[] = []

beforeAll(async () => {
  app = await startApp()
  slack = await start()
  client = clientWith('xoxb-1')
})

afterAll(async () => {
  await slack.close()
  await app.close()
  folder.remove()
})

function start(): Promise<Slack> {
  return startSlack({
    dir: join(folder.path, 'slack'),
    signingSecret,
    interactivityUrl: `${app.url}/slack/interactions`,
    token: 'xoxb-1',
    channels: ['deploys'],
    users: ['alice', 'rita'],
  })
}

const clientWith = (token: string) =>
  new WebClient(token, { slackApiUrl: slack.apiUrl, logLevel: LogLevel.ERROR })

/** Checks signatures as an app must, and answers through the response URL. */
function startApp(): Promise<Listening> {
  return listen(async (request, response) => {
    const raw = (await readBody(request)).toString()
    const seconds = String(request.headers['x-slack-request-timestamp'])
    const expected = `v0=${createHmac('sha256', signingSecret).update(`v0:${seconds}:${raw}`).digest('hex')}`
    const given = String(request.headers['x-slack-signature'])
    const isSigned = timingSafeEqual(Buffer.from(given), Buffer.from(expected))
    if (!isSigned || Math.abs(Date.now() / 1000 - Number(seconds)) > 300) {
      response.writeHead(401).end()
      return
    }
    pressed.push(JSON.parse(new URLSearchParams(raw).get('payload') ?? ''))
    response.writeHead(200).end()
  })
}

const button = {
  type: 'button',
  action_id: 'rollback',
  value: 'v6',
  text: { type: 'plain_text', text: 'Roll back' },
}
const blocks = [
  { type: 'section', text: { type: 'mrkdwn', text: '*Live*' } },
  { type: 'actions', elements: [button] },
]

async function post(text = 'live'): Promise<{ channel: string; ts: string }> {
  const { channel = '', ts = '' } = await client.chat.postMessage({ channel: '#deploys', text, blocks })
  return { channel, ts }
}

const answerTo = (press: Pressed | undefined, body: object) =>
  fetch(press?.response_url ?? '', { method: 'POST', body: JSON.stringify(body) })

test('a message is posted, edited, answered in its thread and listed', async () => {
  const message = await post()
  await client.chat.update({ ...message, text: 'still live' })
  await client.chat.postMessage({ channel: message.channel, thread_ts: message.ts, text: 'details' })
  const { messages } = await client.conversations.history({ channel: message.channel })
  expect(messages).toMatchObject([{ text: 'still live', reply_count: 1, edited: {} }])
  const replies = await client.conversations.replies(message)
  expect(replies.messages?.map(reply => reply.text)).toEqual(['still live', 'details'])
})

test('a rate limit says when to come back, and the client does', async () => {
  slack.fail('chat.postMessage', { retryAfterSeconds: 1 })
  const before = slack.messages('deploys').length
  await post()
  expect(slack.messages('deploys')).toHaveLength(before + 1)
})

test.each([
  ['invalid_blocks', { channel: '#deploys', text: 'x', blocks: [{ type: 'nope' }] }],
  ['channel_not_found', { channel: '#nowhere', text: 'x' }],
  ['no_text', { channel: '#deploys' }],
  ['thread_not_found', { channel: '#deploys', text: 'x', thread_ts: '1.0' }],
])('refuses with %s', async (error, message) => {
  // The client's types would not let some of these through.
  const call = client.apiCall('chat.postMessage', message)
  await expect(call).rejects.toMatchObject({ data: { error } })
})

test('refuses other tokens, and fails as it was told to', async () => {
  const other = clientWith('xoxb-2')
  await expect(other.auth.test()).rejects.toMatchObject({ data: { error: 'invalid_auth' } })
  slack.fail('auth.test', 'account_inactive')
  await expect(client.auth.test()).rejects.toMatchObject({ data: { error: 'account_inactive' } })
  expect(await client.auth.test()).toMatchObject({ ok: true })
})

test('a press arrives signed, with what the button holds and who pressed', async () => {
  const message = await post()
  expect(await slack.press({ ...message, actionId: 'rollback', user: 'rita' })).toBe(200)
  const press = pressed.at(-1)
  expect(press).toMatchObject({ actions: [{ action_id: 'rollback', value: 'v6' }], user: { name: 'rita' } })
  await answerTo(press, { response_type: 'ephemeral', text: 'You may not' })
  expect(slack.messages('deploys').at(-1)).toMatchObject({ text: 'You may not' })
  expect(slack.messages('deploys').at(-1)?.ephemeralTo).not.toBeNull()
  await answerTo(press, { replace_original: true, text: 'rolled back' })
  expect(slack.messages('deploys').find(({ ts }) => ts === message.ts)).toMatchObject({
    text: 'rolled back',
    blocks: null,
  })
  for (let use = 3; use <= 5; use++) expect((await answerTo(press, { text: 'again' })).status).toBe(200)
  expect((await answerTo(press, { text: 'too often' })).status).toBe(404)
})

test('a press with a wrong clock or a wrong secret is for the app to refuse', async () => {
  const message = await post()
  pressed = []
  expect(await slack.press({ ...message, actionId: 'rollback', skewSeconds: -301 })).toBe(401)
  expect(await slack.press({ ...message, actionId: 'rollback', secret: 'another' })).toBe(401)
  expect(pressed).toEqual([])
})

test('the page shows the channel, and its buttons work for forms of its own only', async () => {
  const message = await post('<img src=x onerror=alert(1)>')
  await client.chat.update({ ...message, text: '<img src=x onerror=alert(1)>' })
  const shown = await (await fetch(slack.url)).text()
  expect(shown).toContain('# deploys')
  expect(shown).toContain('Roll back')
  expect(shown).not.toContain('<img')
  const other = await post()
  const press = (headers: Record<string, string>) =>
    fetch(`${slack.url}/press`, {
      method: 'POST',
      redirect: 'manual',
      headers,
      body: new URLSearchParams({ ...other, actionId: 'rollback', user: 'alice' }),
    })
  expect((await press({ 'Sec-Fetch-Site': 'cross-site' })).status).toBe(403)
  expect((await press({ Origin: 'http://evil.test' })).status).toBe(403)
  expect((await press({})).headers.get('location')).toBe('/?user=alice&answered=200')
})

test('a restarted Slack remembers', async () => {
  const before = slack.messages('deploys')
  await slack.close()
  slack = await start()
  client = clientWith('xoxb-1')
  expect(slack.messages('deploys')).toEqual(before)
})
