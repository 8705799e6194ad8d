// The local GitHub under real git and the real Octokit: pushes, pull requests, comments, checks and deployments, and
// the webhooks they send, each checked against GitHub's schemas.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Bundle, createBundle, named, names, people, site } from '../../sandbox/testing/bundle.ts'
import type { Checkout } from '../../sandbox/testing/checkout.ts'

const zero = '0'.repeat(40)

let world: Bundle
let alices: Checkout

beforeAll(async () => {
  world = await createBundle()
  const collaborators = { max: 'maintain', walt: 'write', rita: 'read' } as const
  await world.github.createRepository({ owner: 'acme', name: 'site', collaborators })
  world.github.install('acme')
  alices = await world.clone(people.alice)
})

afterAll(() => world.close())

test('an installation is announced with its repositories', async () => {
  const received = await world.webhooks()
  expect(names(received)).toEqual(['installation.created'])
  expect(received[0]?.payload.repositories).toMatchObject([{ full_name: 'acme/site' }])
})

test('a first push sends its commits, the new branch and a check suite', async () => {
  const first = await alices.commit('first', { 'a.txt': 'a\n', 'docs/b.md': 'b\n' })
  const second = await alices.commit('second', { 'a.txt': 'a2\n' })
  await alices.push('origin', 'HEAD:main')
  const received = await world.webhooks()
  expect(names(received)).toEqual(['check_suite.requested', 'create', 'push'])
  expect(named(received, 'push')).toMatchObject({
    ref: 'refs/heads/main',
    before: zero,
    after: second,
    created: true,
    forced: false,
    pusher: { name: 'alice' },
    head_commit: { id: second },
    commits: [
      { id: first, added: ['a.txt', 'docs/b.md'], modified: [] },
      { id: second, added: [], modified: ['a.txt'] },
    ],
  })
  expect(named(received, 'check_suite.requested').check_suite.head_sha).toBe(second)
})

test('a pull request is opened, follows its branch, and knows when that was rewritten', async () => {
  await alices.git('checkout', '--quiet', '-b', 'feature')
  const first = await alices.commit('feature 1', { 'c.txt': 'c\n' })
  await alices.push('origin', 'feature')
  await world.webhooks()
  const { data: pull } = await world.as(people.alice).rest.pulls.create({
    ...site,
    title: 'Feature',
    head: 'feature',
    base: 'main',
  })
  expect(pull).toMatchObject({
    number: 1,
    commits: 1,
    changed_files: 1,
    mergeable: true,
    head: { sha: first },
  })
  expect(names(await world.webhooks())).toEqual(['pull_request.opened'])

  const second = await alices.commit('feature 2', { 'd.txt': 'd\n' })
  await alices.push('origin', 'feature')
  const pushed = await world.webhooks()
  expect(names(pushed)).toEqual(['check_suite.requested', 'pull_request.synchronize', 'push'])
  expect(named(pushed, 'pull_request.synchronize')).toMatchObject({ before: first, after: second })

  await alices.git('commit', '--quiet', '--amend', '-m', 'feature 2, again')
  await alices.push('--force', 'origin', 'feature')
  const forced = await world.webhooks()
  expect(named(forced, 'push')).toMatchObject({ forced: true, before: second })
  expect(named(forced, 'pull_request.synchronize').pull_request.commits).toBe(2)
})

test('a pull request from a fork follows the fork, and counts its author as nobody', async () => {
  const mallory = world.as(people.mallory)
  const { data: fork } = await mallory.rest.repos.createFork(site)
  expect(fork.full_name).toBe('mallory/site')
  const copy = await world.clone(people.mallory, 'mallory/site')
  await copy.git('checkout', '--quiet', '-b', 'idea')
  const head = await copy.commit('an idea', { 'idea.txt': 'x\n' })
  await copy.push('origin', 'idea')
  await world.webhooks()
  const wanted = { ...site, title: 'Idea', head: 'mallory:idea', base: 'main' }
  const { data: pull } = await mallory.rest.pulls.create(wanted)
  expect(pull).toMatchObject({ author_association: 'NONE', head: { sha: head, repo: { fork: true } } })
  expect(names(await world.webhooks())).toEqual(['pull_request.opened'])
  const next = await copy.commit('more', { 'idea.txt': 'y\n' })
  await copy.push('origin', 'idea')
  const received = await world.webhooks()
  expect(names(received)).toEqual(['pull_request.synchronize'])
  expect((await (await world.bot()).rest.repos.getCommit({ ...site, ref: next })).data.sha).toBe(next)
  await mallory.rest.pulls.update({ ...site, pull_number: pull.number, state: 'closed' })
  await mallory.rest.pulls.update({ ...site, pull_number: pull.number, state: 'open' })
  expect(names(await world.webhooks())).toEqual(['pull_request.closed', 'pull_request.reopened'])
})

test('comments and reactions', async () => {
  const { data: comment } = await world.as(people.walt).rest.issues.createComment({
    ...site,
    issue_number: 1,
    body: '/help',
  })
  const created = named(await world.webhooks(), 'issue_comment.created')
  expect(created).toMatchObject({
    comment: { body: '/help' },
    issue: { number: 1, pull_request: {} },
    sender: { login: 'walt' },
  })
  const app = await world.bot()
  const reaction = { ...site, comment_id: comment.id, content: 'eyes' } as const
  const { data: eyes } = await app.rest.reactions.createForIssueComment(reaction)
  expect((await app.rest.reactions.createForIssueComment(reaction)).status).toBe(200)
  await app.rest.reactions.deleteForIssueComment({ ...site, comment_id: comment.id, reaction_id: eyes.id })
  expect((await app.rest.reactions.listForIssueComment({ ...site, comment_id: comment.id })).data).toEqual([])
  const { data: answer } = await app.rest.issues.createComment({ ...site, issue_number: 1, body: 'one' })
  await app.rest.issues.updateComment({ ...site, comment_id: answer.id, body: 'two' })
  await app.rest.issues.deleteComment({ ...site, comment_id: answer.id })
  const own = await world.webhooks()
  expect(names(own)).toEqual(['issue_comment.created', 'issue_comment.deleted', 'issue_comment.edited'])
  expect(own[0]?.payload.comment.user).toMatchObject({ login: 'sluice[bot]', type: 'Bot' })
  await expect(
    app.rest.issues.createComment({ ...site, issue_number: 1, body: 'x'.repeat(65_537) }),
  ).rejects.toThrow('Validation')
})

test('issues and commit comments', async () => {
  const alice = world.as(people.alice)
  const { data: issue } = await alice.rest.issues.create({ ...site, title: 'Broken', labels: ['bug'] })
  await alice.rest.issues.createComment({ ...site, issue_number: issue.number, body: 'hello' })
  await alice.rest.issues.update({ ...site, issue_number: issue.number, state: 'closed' })
  const sha = await alices.git('rev-parse', 'HEAD')
  await alice.rest.repos.createCommitComment({ ...site, commit_sha: sha, body: '/status' })
  const received = await world.webhooks()
  expect(names(received)).toEqual([
    'commit_comment.created',
    'issue_comment.created',
    'issues.closed',
    'issues.labeled',
    'issues.opened',
  ])
  expect(named(received, 'issue_comment.created').issue.pull_request).toBeUndefined()
})

test('checks: created, updated, pressed, asked again; within the limits', async () => {
  const app = await world.bot()
  const sha = await alices.git('rev-parse', 'HEAD')
  const annotation = {
    path: 'c.txt',
    start_line: 1,
    end_line: 1,
    annotation_level: 'warning',
    message: 'look',
  } as const
  const { data: run } = await app.rest.checks.create({
    ...site,
    name: 'Sluice / production',
    head_sha: sha,
    status: 'in_progress',
  })
  await app.rest.checks.update({
    ...site,
    check_run_id: run.id,
    conclusion: 'success',
    output: { title: 'Fine', summary: 'It works', annotations: [annotation] },
    actions: [{ label: 'Redeploy', description: 'Once more', identifier: 'redeploy' }],
  })
  const received = await world.webhooks()
  expect(names(received)).toEqual(['check_run.completed', 'check_run.created', 'check_suite.completed'])
  expect(named(received, 'check_run.completed').check_run.pull_requests).toMatchObject([{ number: 1 }])
  const tooMany = Array.from({ length: 51 }, () => annotation)
  const output = { title: 'x', summary: 'x', annotations: tooMany }
  await expect(app.rest.checks.update({ ...site, check_run_id: run.id, output })).rejects.toMatchObject({
    status: 422,
  })
  const unknown = { ...site, name: 'x', head_sha: 'f'.repeat(40) }
  await expect(app.rest.checks.create(unknown)).rejects.toMatchObject({ status: 422 })
  await expect(
    world.as(people.alice).rest.checks.create({ ...unknown, head_sha: sha }),
  ).rejects.toMatchObject({
    status: 403,
  })

  world.github.pressButton('acme/site', run.id, 'redeploy', 'walt')
  const pressed = named(await world.webhooks(), 'check_run.requested_action')
  expect(pressed).toMatchObject({ requested_action: { identifier: 'redeploy' }, sender: { login: 'walt' } })
  world.github.rerunCheck('acme/site', run.id, 'alice')
  expect(names(await world.webhooks())).toEqual(['check_run.rerequested'])
  await app.rest.checks.update({ ...site, check_run_id: run.id, status: 'in_progress' })
  await app.rest.checks.update({ ...site, check_run_id: run.id, conclusion: 'failure' })
  await world.webhooks()
  await world.github.rerunSuite('acme/site', sha, 'alice')
  expect(names(await world.webhooks())).toEqual(['check_suite.rerequested'])
})

test('deployments: one environment forgets its earlier success, another does not', async () => {
  const app = await world.bot()
  const ref = await alices.git('rev-parse', 'HEAD')
  await expect(app.rest.repos.createDeployment({ ...site, ref })).rejects.toMatchObject({ status: 409 })
  const careful = { ...site, ref, auto_merge: false, required_contexts: [] }
  const deploy = async (environment: string, more = {}) => {
    const { data } = await app.rest.repos.createDeployment({ ...careful, environment, ...more })
    if (!('id' in data)) throw new Error('no deployment')
    const status = { ...site, deployment_id: data.id, state: 'success' } as const
    await app.rest.repos.createDeploymentStatus({ ...status, environment_url: 'https://example.test' })
    return data.id
  }
  const state = async (id: number) =>
    (await app.rest.repos.listDeploymentStatuses({ ...site, deployment_id: id })).data[0]?.state
  const first = await deploy('staging')
  const preview = await deploy('preview', { transient_environment: true })
  const otherPreview = await deploy('preview', { transient_environment: true })
  await deploy('staging')
  expect(await Promise.all([state(first), state(preview), state(otherPreview)])).toEqual([
    'inactive',
    'success',
    'success',
  ])
  const description = 'x'.repeat(141)
  const long = { ...site, deployment_id: first, state: 'success', description } as const
  await expect(app.rest.repos.createDeploymentStatus(long)).rejects.toMatchObject({ status: 422 })
  const received = names(await world.webhooks())
  expect(received.filter(name => name === 'deployment.created')).toHaveLength(4)
  expect(received.filter(name => name === 'deployment_status.created')).toHaveLength(4)
})

test('merging, a deleted branch, a tag', async () => {
  const alice = world.as(people.alice)
  const before = await alices.git('rev-parse', 'origin/main')
  const { data: merged } = await alice.rest.pulls.merge({ ...site, pull_number: 1 })
  const received = await world.webhooks()
  expect(named(received, 'pull_request.closed').pull_request).toMatchObject({
    merged: true,
    merge_commit_sha: merged.sha,
  })
  expect(named(received, 'push')).toMatchObject({ ref: 'refs/heads/main', before, after: merged.sha })
  await alices.push('origin', '--delete', 'feature')
  const deleted = await world.webhooks()
  expect(names(deleted)).toEqual(['delete', 'push'])
  expect(named(deleted, 'push')).toMatchObject({ deleted: true, after: zero, head_commit: null })
  await alices.git('tag', 'v1')
  await alices.push('origin', 'v1')
  expect(named(await world.webhooks(), 'create')).toMatchObject({ ref: 'v1', ref_type: 'tag' })
})
