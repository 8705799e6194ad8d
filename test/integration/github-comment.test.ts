// The one comment of a pull request on the local GitHub: one whatever happens, quiet where there is nothing to say.
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { commentsOfBranch } from '../../src/builds/views/pull-view-store.ts'
import { environments, overlays, reports, repositories } from '../../src/db/schema.ts'
import { defaultRepositoryFile } from '../../src/environments/repository-file.ts'
import { Postponed } from '../../src/events/reporter.ts'
import { createCommentReporter } from '../../src/github/reports/comments/comment.ts'
import { commentMarker } from '../../src/github/reports/comments/render-comment.ts'
import {
  addBuild,
  addEnvironment,
  addPull,
  byHand,
  callsDuring,
  createWorld,
  makeLive,
  setBuild,
  type World,
} from '../support/github-world.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world[Symbol.asyncDispose]())
beforeEach(() => comments('on'))

const place = { owner: 'acme', repo: 'shop' }
const failure = {
  code: 'compile_failed',
  message: 'defer/greet.ts:1: unexpected end of file',
  annotations: [],
}

type Options = Partial<Parameters<typeof createCommentReporter>[0]>

function reporter(number: number, options: Options = {}) {
  const { db, github, sandbox } = world
  const { appId, octokitFor } = github
  const comment = createCommentReporter({
    ...{ db, appId, octokitFor, url: sandbox.github.url, spacingMs: 0 },
    ...options,
  })
  return byHand(comment, `${world.repositoryId}#${number}`)
}

async function comments(mode: 'on' | 'off' | 'failures') {
  const config = { ...defaultRepositoryFile, notifications: { slack: null, comments: mode } }
  await world.db.update(repositories).set({ config })
}

async function onPull(number: number) {
  const octokit = await world.github.octokitFor(world.installationId)
  const { data } = await octokit.rest.issues.listComments({ ...place, issue_number: number, per_page: 100 })
  return data.map(({ id, body = '' }) => ({ id, body }))
}

async function write(number: number, body: string, token = sandboxToken('rita')) {
  const response = await fetch(`${world.sandbox.github.apiUrl}/repos/acme/shop/issues/${number}/comments`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ body }),
  })
  expect(response.status).toBe(201)
}

function sandboxToken(login: string): string {
  return world.sandbox.tokens[login] ?? ''
}

async function livePull() {
  const pull = await addPull(world)
  const buildId = await addBuild(world, pull.environmentId, { sha: pull.sha })
  return { ...pull, buildId, comment: reporter(pull.number) }
}

async function goLive({ environmentId, buildId }: { environmentId: string; buildId: string }) {
  await setBuild(world, buildId, { state: 'succeeded', manifest: [manifest('greet')] })
  await makeLive(world, environmentId, buildId, { added: ['greet'] })
}

function manifest(name: string) {
  const retry = {
    maxAttempts: 0,
    initialInterval: 30,
    randomizationFactor: 0.5,
    multiplier: 1.5,
    maxInterval: 600,
  }
  const options = {
    cron: null,
    retry,
    concurrency: null,
    maxDuration: null,
    maxConcurrencyAction: 'keep' as const,
  }
  return { name, file: `defer/${name}.ts`, bundleDigest: 'a', sourceMapDigest: 'b', options }
}

test('M36: appears when the first build ends, and is edited in place from then on', async () => {
  const pull = await livePull()
  expect(await callsDuring(() => pull.comment.write())).toEqual([])
  await goLive(pull)
  await pull.comment.write()
  expect(await onPull(pull.number)).toEqual([
    { id: expect.any(Number), body: expect.stringContaining('| `greet` | added |') },
  ])
  expect(await callsDuring(() => pull.comment.write())).toEqual([])
  const sha = await world.checkout.commit('more')
  const next = await addBuild(world, pull.environmentId, { sha, state: 'failed', failure })
  await pull.comment.write()
  const after = await onPull(pull.number)
  expect(after).toHaveLength(1)
  expect(after[0]?.body).toContain('unexpected end of file')
  expect(next).not.toBe(pull.buildId)
})

test('the stages of a build do not edit it', async () => {
  const pull = await livePull()
  await goLive(pull)
  await pull.comment.write()
  const next = await addBuild(world, pull.environmentId, { sha: 'd'.repeat(40) })
  await pull.comment.write()
  for (const state of ['fetching', 'installing', 'compiling', 'publishing'] as const) {
    await setBuild(world, next, { state })
    expect(await callsDuring(() => pull.comment.write())).toEqual([])
  }
})

describe('is found again when its id was lost', () => {
  test('M36: by its marker, behind more comments than fit a page', async () => {
    const pull = await livePull()
    await goLive(pull)
    for (let n = 0; n < 101; n++) await write(pull.number, `comment ${n}`)
    await expect(pull.comment.write({ diesAtRemember: 1 })).rejects.toThrow('killed')
    await pull.comment.write()
    const octokit = await world.github.octokitFor(world.installationId)
    const all = await octokit.paginate(octokit.rest.issues.listComments, {
      ...place,
      issue_number: pull.number,
    })
    expect(all.filter(one => one.user?.type === 'Bot')).toHaveLength(1)
  })

  test('and a stranger who repeats the marker is not taken for us', async () => {
    const pull = await livePull()
    await goLive(pull)
    const marker = commentMarker(world.repositoryId, pull.number)
    await write(pull.number, `${marker} mine`)
    await pull.comment.write()
    const bodies = (await onPull(pull.number)).map(one => one.body)
    expect(bodies).toHaveLength(2)
    expect(bodies[0]).toBe(`${marker} mine`)
  })
})

test('M39: that somebody deleted comes back with the next build, not with the next event', async () => {
  const pull = await livePull()
  await goLive(pull)
  await pull.comment.write()
  const [comment] = await onPull(pull.number)
  const octokit = await world.github.octokitFor(world.installationId)
  await octokit.rest.issues.deleteComment({ ...place, comment_id: comment?.id ?? 0 })
  const pause = { environmentId: pull.environmentId, kind: 'pause' as const, actor: 'max' }
  await world.db.insert(overlays).values({ ...pause, reason: 'first' })
  await pull.comment.write()
  await world.db
    .update(overlays)
    .set({ reason: 'second' })
    .where(eq(overlays.environmentId, pull.environmentId))
  expect(await callsDuring(() => pull.comment.write())).toEqual([])
  expect(await onPull(pull.number)).toEqual([])
  await addBuild(world, pull.environmentId, { sha: pull.sha, state: 'failed', failure })
  await pull.comment.write()
  expect(await onPull(pull.number)).toHaveLength(1)
})

test('M37: two workers that make it at the same moment end with one, the oldest', async () => {
  const pull = await livePull()
  await goLive(pull)
  const bothFoundNone = Promise.withResolvers<void>()
  let waiting = 0
  const octokitFor: Options['octokitFor'] = async installationId => {
    const { paginate, rest } = await world.github.octokitFor(installationId)
    const { createComment, updateComment, deleteComment, listComments } = rest.issues
    const late: typeof createComment = Object.assign(
      async (said: Parameters<typeof createComment>[0]) => {
        if (++waiting === 2) bothFoundNone.resolve()
        await bothFoundNone.promise
        return createComment(said)
      },
      { defaults: createComment.defaults, endpoint: createComment.endpoint },
    )
    return { paginate, rest: { issues: { createComment: late, updateComment, deleteComment, listComments } } }
  }
  const workers = [reporter(pull.number, { octokitFor }), reporter(pull.number, { octokitFor })]
  await Promise.all(workers.map(worker => worker.write()))
  const [one, ...others] = await onPull(pull.number)
  expect(others).toEqual([])
  await addBuild(world, pull.environmentId, { sha: pull.sha, state: 'failed', failure })
  for (const worker of workers) await worker.write()
  expect(await onPull(pull.number)).toEqual([
    { id: one?.id, body: expect.stringContaining('unexpected end of file') },
  ])
})

test('M38: its progress is edited once in ten seconds at most, the end at once, and nothing where it would say the same', async () => {
  const pull = await livePull()
  const comment = reporter(pull.number, { spacingMs: 10_000 })
  await goLive(pull)
  await comment.write()
  expect(await callsDuring(() => comment.write())).toEqual([])
  const next = await addBuild(world, pull.environmentId, { sha: 'd'.repeat(40) })
  const calls = await callsDuring(() => expect(comment.write()).rejects.toBeInstanceOf(Postponed))
  expect(calls).toEqual([])
  const late = reporter(pull.number, { spacingMs: 0 })
  late.remember(comment.remote())
  await late.write()
  expect((await onPull(pull.number))[0]?.body).toContain('Building')
  await setBuild(world, next, { state: 'failed', failure })
  await comment.write()
  expect((await onPull(pull.number))[0]?.body).toContain('unexpected end of file')
})

test('M36: an environment that its branch lands in too stands in the same comment, one of a namesake does not', async () => {
  const pull = await livePull()
  const [preview] = await world.db.select().from(environments).where(eq(environments.id, pull.environmentId))
  const branch = preview?.branch ?? ''
  const staging = await addEnvironment(world, { name: `staging-${pull.number}`, branch, production: false })
  const namesake = await addEnvironment(world, { name: `other-${pull.number}`, branch, production: false })
  await addBuild(world, namesake, { sha: 'e'.repeat(40), state: 'failed', failure })
  await goLive(pull)
  await addBuild(world, staging, { sha: pull.sha, state: 'failed', failure })
  await world.db.insert(reports).values({ kind: 'check', subject: pull.buildId, remote: { id: 4711 } })
  await pull.comment.write()
  const [{ body = '' } = {}, ...others] = await onPull(pull.number)
  expect(others).toEqual([])
  expect(body).toContain(`| \`staging-${pull.number}\` | The build failed`)
  expect(body).toContain(`(${world.sandbox.github.url}/acme/shop/runs/4711)`)
  expect(body).not.toContain(`other-${pull.number}`)
  expect(await commentsOfBranch(world.db, staging)).toEqual([`${world.repositoryId}#${pull.number}`])
})

describe('M40: stays away', () => {
  test('where nothing is deployed', async () => {
    const pull = await livePull()
    await setBuild(world, pull.buildId, { state: 'succeeded', manifest: [] })
    await makeLive(world, pull.environmentId, pull.buildId)
    await pull.comment.write()
    expect(await onPull(pull.number)).toEqual([])
  })

  test('where comments are off, and where only failures are wanted and nothing fails', async () => {
    for (const mode of ['off', 'failures'] as const) {
      await comments(mode)
      const pull = await livePull()
      await goLive(pull)
      expect(await callsDuring(() => pull.comment.write())).toEqual([])
    }
  })

  test('from a pull request that was closed before it had anything to say', async () => {
    const pull = await livePull()
    await goLive(pull)
    await world.db
      .update(environments)
      .set({ closedAt: new Date() })
      .where(eq(environments.id, pull.environmentId))
    expect(await callsDuring(() => pull.comment.write())).toEqual([])
  })
})

test('M40: where only failures are wanted it tells of one, and of the recovery', async () => {
  await comments('failures')
  const pull = await livePull()
  await setBuild(world, pull.buildId, { state: 'failed', failure })
  await pull.comment.write()
  const next = { ...pull, buildId: await addBuild(world, pull.environmentId, { sha: pull.sha }) }
  await goLive(next)
  await pull.comment.write()
  const [comment] = await onPull(pull.number)
  expect(comment?.body).toContain('Live in pr-')
})
