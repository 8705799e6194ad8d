// The local GitHub around the repositories: who may do what, installations, renames, the merge queue, signing in, the
// manifest flow, misbehaviour on demand, and what a restart remembers.
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Bundle, createBundle, named, names, people, site } from '../../sandbox/testing/bundle.ts'
import type { Checkout } from '../../sandbox/testing/checkout.ts'

let world: Bundle
let alices: Checkout
let main: string

beforeAll(async () => {
  world = await createBundle()
  const collaborators = { max: 'maintain', walt: 'write', rita: 'read' } as const
  await world.github.createRepository({ owner: 'acme', name: 'site', collaborators })
  await world.github.createRepository({ owner: 'acme', name: 'secret', private: true })
  world.github.install('acme')
  alices = await world.clone(people.alice)
  main = await alices.commit('first', { 'a.txt': 'a\n', '.github/sluice.yml': 'x: 1\n' })
  await alices.push('origin', 'HEAD:main')
  await world.webhooks()
})

afterAll(() => world.close())

const post = (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
  fetch(world.github.url + path, {
    method: 'POST',
    redirect: 'manual',
    headers,
    body: new URLSearchParams(fields),
  })

async function openPull(branch: string): Promise<{ number: number; head: string }> {
  await alices.git('checkout', '--quiet', '-B', branch, 'origin/main')
  const head = await alices.commit(branch, { [`${branch}.txt`]: 'x\n' })
  await alices.push('--force', 'origin', branch)
  const wanted = { ...site, title: branch, head: branch, base: 'main' }
  const { data } = await world.as(people.alice).rest.pulls.create(wanted)
  await world.webhooks()
  return { number: data.number, head }
}

test.each([
  ['alice', 'admin', 'admin'],
  ['max', 'write', 'maintain'],
  ['walt', 'write', 'write'],
  ['rita', 'read', 'read'],
  ['mallory', 'read', 'read'],
])('%s has permission %s and role %s on a public repository', async (username, permission, role_name) => {
  const bot = await world.bot()
  const { data } = await bot.rest.repos.getCollaboratorPermissionLevel({ ...site, username })
  expect(data).toMatchObject({
    permission,
    role_name,
    user: { login: username, permissions: { pull: true } },
  })
})

test('who may not, cannot: push, see, change', async () => {
  const ritas = await world.clone(people.rita)
  await ritas.commit('no', { 'r.txt': 'r' })
  await expect(ritas.push('origin', 'HEAD:main')).rejects.toThrow('403')
  await expect(world.clone({ login: 'rita', token: 'wrong' }, 'acme/secret')).rejects.toThrow()
  const hidden = { owner: 'acme', repo: 'secret' }
  await expect(world.as(people.mallory).rest.repos.get(hidden)).rejects.toMatchObject({ status: 404 })
  await expect(world.as({ login: 'x', token: 'ghs_bogus' }).rest.repos.get(site)).rejects.toMatchObject({
    status: 401,
  })
  const bot = await world.bot()
  const file = { ...site, path: 'z', message: 'z', content: 'eA==' }
  await expect(bot.rest.repos.createOrUpdateFileContents(file)).rejects.toMatchObject({ status: 403 })
  await expect(bot.rest.rateLimit.get()).rejects.toMatchObject({ status: 404 })
})

test('contents, a tarball through a redirect, lists in pages', async () => {
  const bot = await world.bot()
  const { data } = await bot.rest.repos.getContent({ ...site, path: '.github/sluice.yml' })
  expect('content' in data && Buffer.from(data.content, 'base64').toString()).toBe('x: 1\n')
  const archive = await bot.request('GET /repos/{owner}/{repo}/tarball/{ref}', { ...site, ref: main })
  expect(archive.url).toContain('/_codeload/')
  expect(new Uint8Array(archive.data as ArrayBuffer).subarray(0, 2)).toEqual(Uint8Array.of(0x1f, 0x8b))
  for (const name of ['one', 'two', 'three']) await bot.rest.checks.create({ ...site, name, head_sha: main })
  const runs = await bot.paginate(bot.rest.checks.listForRef, { ...site, ref: main, per_page: 1 })
  expect(runs.map(run => run.name)).toEqual(['one', 'two', 'three'])
  await world.webhooks()
})

test('deliveries are listed in pages and sent again under the same id', async () => {
  world.receiver.status = 500
  await world.as(people.alice).rest.issues.create({ ...site, title: 'x' })
  await world.webhooks()
  world.receiver.status = 202
  const app = world.app()
  const all = await app.paginate(app.rest.apps.listWebhookDeliveries, { per_page: 2 })
  expect(all.length).toBe(world.github.deliveries().length)
  const failed = all.find(delivery => delivery.status_code === 500)
  await app.rest.apps.redeliverWebhookDelivery({ delivery_id: failed?.id ?? 0 })
  const [again] = await world.webhooks()
  expect(again).toMatchObject({ name: 'issues.opened', guid: failed?.guid })
  expect(world.github.deliveries()[0]).toMatchObject({ redelivery: true, statusCode: 202 })
})

test('an installation is suspended, resumed, changed and removed', async () => {
  const { github } = world
  const bot = await world.bot()
  github.suspend('acme')
  await expect(world.bot()).rejects.toThrow('This installation has been suspended')
  await expect(bot.rest.repos.get(site)).rejects.toMatchObject({ status: 403 })
  github.unsuspend('acme')
  github.removeRepositories('acme', ['acme/secret'])
  github.addRepositories('acme', ['acme/secret'])
  const received = await world.webhooks()
  expect(received.map(({ name }) => name)).toEqual([
    'installation.suspend',
    'installation.unsuspend',
    'installation_repositories.removed',
    'installation_repositories.added',
  ])
  expect(received[2]?.payload.repositories_removed).toMatchObject([{ full_name: 'acme/secret' }])
  github.uninstall('acme')
  expect(names(await world.webhooks())).toEqual(['installation.deleted'])
  github.install('acme')
  await world.webhooks()
})

test('a renamed repository answers under its old name, and git still finds it', async () => {
  const { github } = world
  const created = await github.createRepository({ owner: 'acme', name: 'before' })
  await world.webhooks()
  github.renameRepository('acme/before', 'after')
  expect(named(await world.webhooks(), 'repository.renamed')).toMatchObject({
    changes: { repository: { name: { from: 'before' } } },
    repository: { full_name: 'acme/after', id: created.id },
  })
  const alice = world.as(people.alice)
  const { data } = await alice.rest.repos.get({ owner: 'acme', repo: 'before' })
  expect(data).toMatchObject({ id: created.id, full_name: 'acme/after' })
  const old = await world.clone(people.alice, 'acme/before')
  await old.commit('still here', { a: 'a' })
  await old.push('origin', 'HEAD:main')
  github.transferRepository('acme/after', 'alice')
  const received = await world.webhooks()
  expect(named(received, 'push').repository.full_name).toBe('acme/after')
  expect((await alice.rest.repos.get({ owner: 'acme', repo: 'before' })).data.full_name).toBe('alice/after')
})

test('the merge queue asks for checks on a group and merges when they are green', async () => {
  const { github } = world
  const { number, head } = await openPull('queued')
  const bot = await world.bot()
  const check = { ...site, name: 'Sluice / config', conclusion: 'success' } as const
  await bot.rest.checks.create({ ...check, head_sha: head })
  await world.webhooks()
  const group = await github.enqueue('acme/site', number, 'alice')
  const asked = await world.webhooks()
  expect(named(asked, 'merge_group.checks_requested').merge_group.head_sha).toBe(group)
  expect(named(asked, 'push').ref).toMatch(/^refs\/heads\/gh-readonly-queue\/main\/pr-/)
  await bot.rest.checks.create({ ...check, head_sha: group })
  const merged = await world.webhooks()
  expect(named(merged, 'merge_group.destroyed').reason).toBe('merged')
  expect(named(merged, 'pull_request.closed').pull_request.merged).toBe(true)
  expect((await bot.rest.git.getRef({ ...site, ref: 'heads/main' })).data.object.sha).toBe(group)
  await alices.git('fetch', '--quiet', 'origin')

  const second = await openPull('red')
  await bot.rest.checks.create({ ...check, head_sha: second.head })
  const red = await github.enqueue('acme/site', second.number, 'alice')
  await bot.rest.checks.create({ ...check, conclusion: 'failure', head_sha: red })
  expect(named(await world.webhooks(), 'merge_group.destroyed').reason).toBe('invalidated')
})

test('signing in, with PKCE', async () => {
  const verifier = 'a verifier that is long enough to be one, really'
  const challenge = createHash('sha256').update(verifier).digest('base64url')
  const callback = 'http://127.0.0.1:9/callback'
  const query = new URLSearchParams({
    client_id: 'Iv1.test',
    redirect_uri: callback,
    state: 's',
    code_challenge: challenge,
    code_challenge_method: 'S256',
  })
  const page = await fetch(`${world.github.url}/login/oauth/authorize?${query}`)
  expect(await page.text()).toContain('Sign in to Sluice')
  const authorize = async () => {
    const answer = await post(`/login/oauth/authorize?${query}`, { login: 'max' })
    return new URL(answer.headers.get('location') ?? '').searchParams.get('code') ?? ''
  }
  const json = { Accept: 'application/json' }
  const exchange = async (code: string, more: Record<string, string>) => {
    const fields = { client_id: 'Iv1.test', client_secret: 'client secret', code, ...more }
    const answer = await post('/login/oauth/access_token', fields, json)
    return (await answer.json()) as { access_token: string }
  }
  const wrong = await exchange(await authorize(), { code_verifier: 'another' })
  expect(wrong).toMatchObject({ error: 'bad_verification_code' })
  expect(await exchange(await authorize(), { client_secret: 'x' })).toMatchObject({
    error: 'incorrect_client_credentials',
  })
  const code = await authorize()
  const granted = await exchange(code, { code_verifier: verifier })
  const me = await world.as({ login: 'max', token: granted.access_token }).rest.users.getAuthenticated()
  expect(me.data.login).toBe('max')
  expect(await exchange(code, { code_verifier: verifier })).toMatchObject({ error: 'bad_verification_code' })
})

test('an App is made from a manifest, converted once, and installed on a page', async () => {
  const manifest = JSON.stringify({
    name: 'Sluice here',
    url: 'http://127.0.0.1:3000',
    hook_attributes: { url: world.receiver.url },
    redirect_url: 'http://127.0.0.1:3000/setup/created',
    setup_url: 'http://127.0.0.1:3000/setup/installed',
    default_permissions: { checks: 'write', contents: 'read' },
    default_events: ['push'],
  })
  const elsewhere = { Origin: 'http://127.0.0.1:3000', 'Sec-Fetch-Site': 'cross-site' }
  const confirmation = await post('/settings/apps/new?state=abc', { manifest }, elsewhere)
  expect(await confirmation.text()).toContain('Create a GitHub App')
  const confirmed = { manifest, state: 'abc', name: 'Sluice here', owner: 'acme' }
  expect((await post('/settings/apps/manifest', confirmed, elsewhere)).status).toBe(403)
  const answer = await post('/settings/apps/manifest', confirmed)
  const target = new URL(answer.headers.get('location') ?? '')
  expect(target.searchParams.get('state')).toBe('abc')
  const code = target.searchParams.get('code') ?? ''
  const { data: app } = await world.as(people.alice).rest.apps.createFromManifest({ code })
  expect(app).toMatchObject({
    slug: 'sluice-here',
    owner: { login: 'acme' },
    permissions: { checks: 'write' },
  })
  expect(app.pem).toContain('PRIVATE KEY')
  expect(app.webhook_secret?.length).toBeGreaterThanOrEqual(32)
  await expect(world.as(people.alice).rest.apps.createFromManifest({ code })).rejects.toMatchObject({
    status: 404,
  })
  const fields = { account: 'acme', selection: 'all', state: 'abc' }
  const installed = await post('/github-apps/sluice-here/installations', fields)
  expect(installed.headers.get('location')).toContain('/setup/installed?installation_id=')
  await world.github.settled()
  // The new App signs with a secret of its own.
  expect(world.receiver.unsigned).toBe(1)
  const id = new URL(installed.headers.get('location') ?? '').searchParams.get('installation_id')
  expect((await post(`/settings/installations/${id}/uninstall`, {})).status).toBe(303)
  await world.github.settled()
  world.receiver.unsigned = 0
})

test('webhooks are dropped, doubled and shuffled on demand', async () => {
  const { github } = world
  const comment = (body: string) =>
    world.as(people.walt).rest.issues.createComment({ ...site, issue_number: 1, body })
  github.faults.drop = delivery => delivery.event === 'issue_comment'
  await comment('lost')
  expect(await world.webhooks()).toEqual([])
  expect(github.deliveries()[0]).toMatchObject({ statusCode: 502 })
  github.faults.drop = false
  github.redeliver(github.deliveries()[0]?.id ?? 0)
  expect(names(await world.webhooks())).toEqual(['issue_comment.created'])
  github.faults.duplicate = true
  await comment('twice')
  const [one, other] = await world.webhooks()
  expect(one?.guid).toBe(other?.guid)
  Object.assign(github.faults, { duplicate: false, shuffle: true, random: () => 0.99 })
  for (const body of ['1', '2', '3']) await comment(body)
  const order = (await world.webhooks()).map(({ payload }) => payload.comment.body)
  expect([...order].sort()).toEqual(['1', '2', '3'])
  expect(order).not.toEqual(['1', '2', '3'])
  Object.assign(github.faults, { shuffle: false, random: Math.random })
})

test('REST calls fail on demand', async () => {
  const { faults } = world.github
  const alice = world.as(people.alice)
  faults.rest.push({
    method: 'GET',
    pathPattern: /^\/repos\/acme\/site$/,
    status: 403,
    headers: { 'Retry-After': '7' },
  })
  const limited = await alice.rest.repos.get(site).catch(error => error)
  expect(limited).toMatchObject({ status: 403, response: { headers: { 'retry-after': '7' } } })
  expect((await alice.rest.repos.get(site)).status).toBe(200)
  faults.rest.push({ method: 'POST', pathPattern: '/issues', status: 502, after: true })
  await expect(alice.rest.issues.create({ ...site, title: 'made nevertheless' })).rejects.toMatchObject({
    status: 502,
  })
  const { data } = await alice.rest.issues.listForRepo({ ...site, per_page: 1 })
  expect(data[0]?.title).toBe('made nevertheless')
  faults.rest.push({ pathPattern: '/zen', status: 500, disconnect: true })
  await expect(alice.rest.meta.getZen()).rejects.toThrow()
  await world.webhooks()
})

test('the pages show the world and act as people, within their roles and their own origin', async () => {
  const { number } = await openPull('shown')
  const evil = '<img src=x onerror=alert(1)>'
  await world.as(people.mallory).rest.issues.createComment({ ...site, issue_number: number, body: evil })
  const base = `/acme/site/pull/${number}`
  const text = await (await fetch(world.github.url + base)).text()
  expect(text).toContain('Merge pull request')
  expect(text).not.toContain('<img src=x')
  const paths = [
    '/',
    '/acme/site',
    `/acme/site/commit/${main}`,
    '/acme/site/issues/1',
    '/deliveries',
    '/github-apps/sluice',
  ]
  const statuses = await Promise.all(paths.map(async path => (await fetch(world.github.url + path)).status))
  expect(statuses).toEqual(paths.map(() => 200))
  await world.webhooks()

  const comment = { body: '/status', as: 'rita' }
  const path = `/acme/site/issues/${number}/comments`
  expect((await post(path, comment, { 'Sec-Fetch-Site': 'cross-site' })).status).toBe(403)
  expect((await post(path, comment, { Origin: 'http://evil.test' })).status).toBe(403)
  expect((await post(path, comment, { Origin: world.github.url })).status).toBe(303)
  expect(named(await world.webhooks(), 'issue_comment.created').sender.login).toBe('rita')
  expect((await post(`${base}/merge`, { as: 'rita' })).status).toBe(403)
  expect((await post(`${base}/merge`, { as: 'walt' })).status).toBe(303)
  expect(named(await world.webhooks(), 'pull_request.closed').pull_request.merged_by.login).toBe('walt')
})

test('a restarted GitHub is the same world', async () => {
  const { github } = world
  const deliveries = github.deliveries().map(delivery => delivery.id)
  const issues = async () =>
    (await world.as(people.alice).rest.issues.listForRepo({ ...site, state: 'all' })).data
  const before = (await issues()).map(issue => [issue.id, issue.title, issue.state])
  const bot = await world.bot()
  const token = await bot.auth()
  await world.restart()
  expect((await issues()).map(issue => [issue.id, issue.title, issue.state])).toEqual(before)
  expect(world.github.deliveries().map(delivery => delivery.id)).toEqual(deliveries)
  const { token: again = '' } = token as { token?: string }
  const known = await world.as({ login: 'bot', token: again }).rest.checks.listForRef({ ...site, ref: main })
  expect(known.data.total_count).toBe(3)
  await alices.git(
    'remote',
    'set-url',
    'origin',
    `${world.github.url.replace('://', '://alice:token-alice@')}/acme/site.git`,
  )
  await alices.git('fetch', '--quiet', 'origin')
  await alices.git('checkout', '--quiet', '-B', 'later', 'origin/main')
  await alices.commit('after the restart', { 'later.txt': 'x' })
  await alices.push('origin', 'later')
  expect(named(await world.webhooks(), 'push').ref).toBe('refs/heads/later')
})
