// What is odd, long or hostile, through the real calls to the local GitHub, which refuses what GitHub refuses: right each time. How
// long it took is printed, not asserted.
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { syncBranch } from '../../src/builds/admission/sync-branch.ts'
import { receiveComment } from '../../src/commands/receive.ts'
import { builds, commands, environments, repositories } from '../../src/db/schema.ts'
import { parseRepositoryFile } from '../../src/environments/repository-file.ts'
import { createCheckReporter } from '../../src/github/reports/checks/check.ts'
import { renderCheck } from '../../src/github/reports/checks/render-check.ts'
import { createCommentReporter } from '../../src/github/reports/comments/comment.ts'
import { createDeploymentReporter } from '../../src/github/reports/deployments/deployment.ts'
import { createSource } from '../../src/github/source/source.ts'
import { aView, failure } from '../support/build-view.ts'
import { addBuild, addPull, byHand, createWorld, makeLive, type World } from '../support/github-world.ts'
import { createTestCore } from '../support/place.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world[Symbol.asyncDispose]())

async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const began = performance.now()
  const result = await work()
  console.info(`${what}: ${Math.round(performance.now() - began)} ms`)
  return result
}

describe('a branch named', () => {
  const odd = [
    'with#hash',
    '100%25',
    'rocket-🚀/x',
    '-leading',
    `long/${'x'.repeat(200)}/${'y'.repeat(44)}`,
    'feature/x',
    'feature-x',
  ]

  test('oddly is built in an environment of its own, whose check and deployment stand at its commit', async () => {
    const { db, checkout, github, repositoryId, sandbox } = world
    const parsed = parseRepositoryFile('environments: { any: { branch: "*" } }')
    if ('problems' in parsed) throw new Error('no file')
    await db.update(repositories).set({ config: parsed.file, configSha: 'known' })
    const core = createTestCore(db)
    const source = createSource(github, sandbox.github.url)
    const names = new Set<string>()
    for (const branch of odd) {
      const sha = await checkout.commit(`to ${branch}`)
      await checkout.push('origin', `HEAD:refs/heads/${branch}`)
      await timed(`branch ${branch.slice(0, 20)}`, () =>
        syncBranch({ core, source }, { repositoryId, branch }),
      )
      const [build] = await db
        .select({ id: builds.id, sha: builds.sha, ref: builds.ref, name: environments.name })
        .from(builds)
        .innerJoin(environments, eq(environments.id, builds.environmentId))
        .where(eq(builds.ref, `refs/heads/${branch}`))
      expect(build).toMatchObject({ sha, name: expect.stringMatching(/^[a-z0-9][a-z0-9.-]{0,62}$/) })
      names.add(build?.name ?? '')
      const { octokitFor } = github
      await byHand(createCheckReporter({ db, octokitFor }), build?.id ?? '').write()
      await byHand(createDeploymentReporter({ db, octokitFor }), build?.id ?? '').write()
      expect(sandbox.github.checkRuns(world.full, sha)).toMatchObject([
        { name: `Sluice / ${build?.name}`, status: 'queued' },
      ])
    }
    expect(names.size).toBe(odd.length)
    await db.update(repositories).set({ config: null, configSha: null })
  })
})

test('M28: a comment that would be longer than GitHub takes is cut at a line, with its fences closed and a way to the rest', async () => {
  const pull = await addPull(world)
  const names = Array.from({ length: 3_000 }, (_, n) => `${'f'.repeat(190)}${n}`)
  const buildId = await addBuild(world, pull.environmentId, { sha: pull.sha, state: 'succeeded' })
  await makeLive(world, pull.environmentId, buildId, { added: names, archived: names })
  const long = { code: 'compile_failed', message: '```\n'.repeat(2_000), annotations: [] }
  await world.db.update(builds).set({ failure: long }).where(eq(builds.id, buildId))
  const { db, github, sandbox } = world
  const { appId, octokitFor } = github
  const deps = { db, appId, octokitFor, url: sandbox.github.url }
  const comment = byHand(createCommentReporter(deps), `${world.repositoryId}#${pull.number}`)
  await timed('a comment at the limit', () => comment.write())
  const octokit = await octokitFor(world.installationId)
  const place = { owner: 'acme', repo: 'shop', issue_number: pull.number }
  const [{ body = '' } = {}] = (await octokit.rest.issues.listComments(place)).data
  expect(body.length).toBeLessThanOrEqual(65_536)
  const check = byHand(createCheckReporter({ db, octokitFor }), buildId)
  await timed('its check', () => check.write())
  expect(sandbox.github.checkRuns(world.full, pull.sha)[0]?.conclusion).toBe('success')
})

test('a comment of 65,000 characters is read for what it says', async () => {
  const core = createTestCore(world.db)
  const filler = '> /rollback production\n```\n/pause production\n```\n`/resume` <!-- /delete -->\n'
  const body = `${filler.repeat(Math.floor(64_900 / filler.length))}\n/status production`
  const comment = {
    ...{
      repositoryId: world.repositoryId,
      commentId: 42,
      issueNumber: 1,
      commitSha: null,
      isPull: true,
      isOpen: true,
    },
    ...{ actor: 'max', actorIsBot: false, commentedAt: new Date(), body },
  }
  await timed(`a comment of ${body.length} characters`, () => receiveComment(core, comment))
  const rows = await world.db.select().from(commands).where(eq(commands.commentId, 42))
  expect(rows.map(row => row.line)).toEqual(['/status production'])
})

test('M27: more annotations than are of use are counted', () => {
  const one = { path: 'a.ts', startLine: 1, endLine: 1, level: 'failure' as const, message: 'x' }
  const annotations = Array.from({ length: 512 }, () => one)
  const check = renderCheck(aView({ state: 'failed', failure: { ...failure, annotations } }))
  expect(check.annotations).toHaveLength(500)
  expect(check.summary).toContain('12 more problems are not shown as annotations.')
})

test('M46: what strangers name things comes to life nowhere in a check or a comment', () => {
  const evil = '`@acme/all` <img src=x> ![x](http://evil) | </details> ```\n/rollback production'
  const view = aView({
    ...{ ref: `refs/heads/${evil}`, message: evil, author: evil, state: 'failed' },
    failure: { ...failure, message: evil, annotations: [] },
    overlays: [{ kind: 'pause', functionName: evil, reason: evil, actor: evil, until: null }],
    refused: { line: evil, actor: evil, reply: 'No.' },
  })
  const { summary } = renderCheck(view)
  const outsideCode = summary
    .replaceAll(/^(`{3,})[^`]*\n[\s\S]*?\n\1$/gm, '')
    .replaceAll('\\`', '')
    .replaceAll(/(`+)(?!`)[\s\S]*?[^`]\1(?!`)/g, '')
  expect(outsideCode).not.toMatch(/@acme|<img|!\[x\]\(|<\/details|^\s*\/rollback/m)
})
