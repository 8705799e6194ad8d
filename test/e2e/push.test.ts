// From pushes and comments to what runs, over the real process: order, repetition, decisions that stand, input that is bad.
import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { waitFor } from '../../sandbox/demo/wait.ts'
import { createWorld, type World, writeProject } from '../support/world.ts'

const webhooks = '/api/github/webhooks'
const says = (word: string) => `async function hello() { return '${word}' }\nexport default defer(hello)`

let world: World
let token: string
let issue: number
beforeAll(async () => {
  world = await createWorld()
  await writeProject(world, { 'hello.ts': says('one') })
  await pushed('Say one')
  token = await world.token('production')
  issue = await world.hub.openIssue('Operations')
})
afterAll(() => world.close())

async function pushed(message: string, files: Record<string, string> = {}) {
  const sha = await world.shop.commit(message, files)
  await world.shop.push('origin', 'HEAD')
  return { sha, check: await world.hub.check(sha, 'production') }
}

const hello = (word: string) => ({
  'defer/hello.ts': `import { defer } from '@defer/client'\n${says(word)}\n`,
})

async function enqueue(name = 'hello'): Promise<string> {
  const request = { function_name: name, function_arguments: [], schedule_for: new Date().toISOString() }
  const { body } = await world.call(token, 'PUT', '/public/v2/executions', request)
  return body.data.id
}

async function answer(): Promise<string> {
  const id = await enqueue()
  return waitFor('a result', async () => {
    const { status, body } = await world.call(token, 'GET', `/public/v2/executions/${id}/results`)
    return status === 200 ? body : null
  })
}

describe('deliveries', () => {
  test('fifty identical ones in parallel make one build', async () => {
    const sha = await world.shop.commit('Once', hello('once'))
    const before = world.sandbox.github.deliveries().length
    await world.shop.push('origin', 'HEAD')
    await world.sandbox.github.settled()
    const push = world.sandbox.github
      .deliveries()
      .slice(0, world.sandbox.github.deliveries().length - before)
      .find(one => one.event === 'push')
    const body = push?.payload ?? ''
    const headers = signed(body, { 'x-github-event': 'push', 'x-github-delivery': push?.guid ?? '' })
    const answers = await Promise.all(Array.from({ length: 50 }, () => post(body, headers)))
    expect(new Set(answers.map(one => one.status))).toEqual(new Set([202]))
    const check = await world.hub.check(sha, 'production')
    expect(check.conclusion).toBe('success')
    expect(await world.hub.checks(sha)).toHaveLength(1)
    expect(await world.hub.deployments('production')).toHaveLength(2) // of "Say one" and of this
  })

  test('a wrong signature is 401, a body over 25 MB is 413, and neither leaves a trace', async () => {
    const body = JSON.stringify({ ref: 'refs/heads/main' })
    const headers = {
      'content-type': 'application/json',
      'x-github-event': 'push',
      'x-github-delivery': 'forged-1',
    }
    const wrong = await post(body, { ...headers, 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` })
    expect(wrong.status).toBe(401)
    const sha1 = createHmac('sha1', world.sandbox.settings.WEBHOOK_SECRET ?? '')
      .update(body)
      .digest('hex')
    expect((await post(body, { ...headers, 'x-hub-signature': `sha1=${sha1}` })).status).toBe(401)
    const large = JSON.stringify({ filler: 'x'.repeat(26 * 1024 * 1024) })
    expect((await post(large, signed(large, headers))).status).toBe(413)
  })
})

describe('a push that changes nothing functions are made of', () => {
  test('is not built: its check is skipped and names the build that stands, until somebody asks for it', async () => {
    const deployments = (await world.hub.deployments('production')).length
    const { sha, check } = await pushed('Explain', { 'README.md': 'Says one.' })
    expect(check.conclusion).toBe('skipped')
    expect(check.output.title).toMatch(/^Unchanged, still build \d+$/)
    expect(check.output.summary).toContain('Nothing in the repository but its documents changed since')
    expect(await answer()).toBe('once')
    expect(await world.hub.deployments('production')).toHaveLength(deployments)
    expect((await world.hub.checks(sha)).map(one => one.conclusion)).toEqual(['skipped'])
  })
})

describe('what goes live', () => {
  test('of A and B pushed at once, B ends live', async () => {
    await world.shop.commit('A', hello('A'))
    await world.shop.push('origin', 'HEAD')
    const b = await world.shop.commit('B', hello('B'))
    await world.shop.push('origin', 'HEAD')
    await world.hub.check(b, 'production')
    expect(await answer()).toBe('B')
  })

  test('a pause stands through a push, and holds', async () => {
    const paused = await world.hub.command(issue, 'max', '/pause production hello "until later"')
    expect(paused.reaction).toBe('rocket')
    const { check } = await pushed('Push while paused', hello('paused'))
    expect(check.conclusion).toBe('success')
    const id = await enqueue()
    expect((await world.call(token, 'GET', `/public/v2/executions/${id}`)).body.data.state).toBe('created')
    await world.hub.command(issue, 'max', '/resume production hello')
    await waitFor('the held execution', async () => {
      const { body } = await world.call(token, 'GET', `/public/v2/executions/${id}`)
      return body.data.state === 'succeed' ? true : null
    })
    expect(await answer()).toBe('paused')
  })

  test('a rollback: refused to a reader, obeyed from a maintainer, pinned until /resume', async () => {
    await pushed('Bad', hello('bad'))
    expect(await answer()).toBe('bad')
    const refused = await world.hub.command(issue, 'rita', '/rollback production')
    expect(refused.reaction).toBe('confused')
    expect(refused.answer).toMatch(/maintain/)
    expect(refused.answer).toMatch(/read/)
    expect((await world.hub.command(issue, 'max', '/rollback production --dry-run')).reaction).toBe('+1')
    expect(await answer()).toBe('bad')
    expect((await world.hub.command(issue, 'max', '/rollback production')).reaction).toBe('rocket')
    expect(await answer()).toBe('paused')
    const { check } = await pushed('Next', hello('next'))
    expect(check.conclusion).toBe('success')
    expect(check.output.summary).toMatch(/pinned/i)
    expect(await answer()).toBe('paused')
    expect((await world.hub.command(issue, 'max', '/resume production')).reaction).toBe('rocket')
    expect(await answer()).toBe('next')
  })
})

describe('bad input', () => {
  test('a broken repository file: a red check at the line, the last good configuration stays', async () => {
    const sha = await world.shop.commit('Break it', {
      '.github/sluice.yml': 'environments:\n  production:\n    brnch: main\n',
    })
    await world.shop.push('origin', 'HEAD')
    const config = await world.hub.check(sha, 'configuration')
    expect(config.conclusion).toBe('failure')
    const annotations = await world.hub.annotations(config)
    expect(annotations).toContainEqual(expect.objectContaining({ path: '.github/sluice.yml', start_line: 3 }))
    expect((await world.hub.check(sha, 'production')).conclusion).toBe('success')
  })

  test('an unknown function in an enqueue is 404 and named', async () => {
    const request = {
      function_name: 'nobody',
      function_arguments: [],
      schedule_for: new Date().toISOString(),
    }
    const { status, body } = await world.call(token, 'PUT', '/public/v2/executions', request)
    expect(status).toBe(404)
    expect(body.message).toContain('nobody')
  })

  test.each([
    ['a syntax error, with file and line', { 'defer/hello.ts': 'export default = 1\n' }, 'defer/hello.ts', 1],
    [
      'a function without a name',
      { 'defer/hello.ts': "import { defer } from '@defer/client'\nexport default defer(async () => 1)\n" },
      'defer/hello.ts',
      2,
    ],
  ])('%s', async (_name, files, path, line) => {
    const { check } = await pushed('Broken', files)
    expect(check.conclusion).toBe('failure')
    expect(await world.hub.annotations(check)).toContainEqual(
      expect.objectContaining({ path, start_line: line }),
    )
    expect(await answer()).toBe('next')
  })
})

function signed(body: string, headers: Record<string, string>): Record<string, string> {
  const digest = createHmac('sha256', world.sandbox.settings.WEBHOOK_SECRET ?? '')
    .update(body)
    .digest('hex')
  return { 'content-type': 'application/json', ...headers, 'x-hub-signature-256': `sha256=${digest}` }
}

function post(body: string, headers: Record<string, string>): Promise<Response> {
  return fetch(`${world.sluice().url}${webhooks}`, { method: 'POST', headers, body })
}
