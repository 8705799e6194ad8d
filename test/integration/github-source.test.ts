// The Source port and roles, over the real client and the local GitHub: what is there, what is not, and what is too much.
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { collaborators } from '../../sandbox/start.ts'
import { clone } from '../../sandbox/testing/checkout.ts'
import { createFolderStore } from '../../src/artifacts/folder.ts'
import { approveHead } from '../../src/builds/admission/pull-heads-store.ts'
import { syncPull } from '../../src/builds/admission/sync-pull.ts'
import { createArchives } from '../../src/builds/archive/archive-cache.ts'
import { createWorkspace, prepareFolders } from '../../src/builds/folders.ts'
import { createTurns } from '../../src/builds/installing/turns.ts'
import type { RepositoryRef, Source } from '../../src/builds/ports.ts'
import { readMachine } from '../../src/builds/processes/machine.ts'
import { fetchSource } from '../../src/builds/steps/fetch.ts'
import { defaultLimits } from '../../src/builds/tools.ts'
import { environments, events, repositories } from '../../src/db/schema.ts'
import { defaultRepositoryFile } from '../../src/environments/repository-file.ts'
import { createGithub } from '../../src/github/client/client.ts'
import { createApprovalCheckReporter } from '../../src/github/reports/checks/approval-check.ts'
import { createRoleOf } from '../../src/github/role-of.ts'
import { createSource } from '../../src/github/source/source.ts'
import { readTree } from '../../src/github/source/tree.ts'
import { isolationOfMachine } from '../support/builder.ts'
import { addPull, byHand, callsDuring, createWorld, log, type World } from '../support/github-world.ts'
import { createTestCore } from '../support/place.ts'

const run = promisify(execFile)
let world: World
let source: Source
let shop: RepositoryRef
let folder: string

beforeAll(async () => {
  world = await createWorld()
  source = createSource(world.github, world.config.github.url)
  shop = { id: world.repositoryId, installationId: world.installationId, owner: 'acme', name: 'shop' }
  folder = mkdtempSync(path.join(tmpdir(), 'sluice-source-'))
})
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true })
  await world[Symbol.asyncDispose]()
})

const signal = () => new AbortController().signal

describe('the head of a branch', () => {
  test.each(['main', 'feature/x', 'with#hash', 'umlaut-ä', '100%25'])('%j is read', async branch => {
    const sha = await world.checkout.commit(`on ${branch}\n\nwith a body`)
    await world.checkout.push('origin', `HEAD:refs/heads/${branch}`)
    expect(await source.head(shop, branch)).toMatchObject({ sha, message: `on ${branch}` })
  })

  test('that does not exist is null, and so is a repository that does not', async () => {
    expect(await source.head(shop, 'no-such-branch')).toBeNull()
    expect(await source.head({ ...shop, name: 'nothing' }, 'main')).toBeNull()
  })
})

test('a pull request is read with its head; one that is not there is null', async () => {
  const { number, sha } = await addPull(world)
  expect(await source.pull(shop, number)).toMatchObject({
    ...{ number, open: true, title: 'Work', author: 'alice', baseBranch: 'main' },
    head: { sha, message: 'work', fromFork: false },
  })
  expect(await source.pull(shop, 4711)).toBeNull()
})

test("M44: a fork's pull request is told from others, and its head has a neutral check that says how to go on", async () => {
  const { github, tokens } = world.sandbox
  const ask = async (path: string, body?: object) => {
    const response = await fetch(`${github.apiUrl}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${tokens.mallory}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    })
    return (await response.json()) as { full_name: string; number: number }
  }
  const fork = await ask(`/repos/${world.full}/forks`)
  const mallory = { login: 'mallory', token: tokens.mallory ?? '' }
  const theirs = await clone(github.url, fork.full_name, mallory, path.join(folder, 'fork'))
  const sha = await theirs.commit('from outside', { 'outside.txt': 'x' })
  await theirs.push('origin', 'HEAD:refs/heads/outside')
  const { number } = await ask(`/repos/${world.full}/pulls`, {
    ...{ title: 'From outside', head: 'mallory:outside', base: 'main' },
  })
  const pull = await source.pull(shop, number)
  expect(pull).toMatchObject({ author: 'mallory', head: { sha, fromFork: true } })
  await syncPull({ core: createTestCore(world.db), source }, { repositoryId: shop.id, number })

  const reporter = createApprovalCheckReporter({ db: world.db, octokitFor: world.github.octokitFor })
  const check = byHand(reporter, `${shop.id}@${sha}@${number}`)
  await check.write()
  expect(github.checkRuns(world.full, sha)).toMatchObject([
    { name: `Sluice / pr-${number}`, status: 'completed', conclusion: 'neutral' },
  ])
  expect(JSON.stringify(github.checkRuns(world.full, sha))).toContain(`/approve ${sha}`)
  await world.db.transaction(tx => approveHead(tx, { repositoryId: shop.id, number }, sha, 'alice'))
  expect(await callsDuring(() => check.write())).toEqual([])
})

test('M22: where previews are off the check of a pull request says so, and nothing is built', async () => {
  const config = (enabled: boolean) => ({
    ...defaultRepositoryFile,
    previews: { ...defaultRepositoryFile.previews, enabled },
  })
  const configured = (enabled: boolean) =>
    world.db
      .update(repositories)
      .set({ config: config(enabled) })
      .where(eq(repositories.id, shop.id))
  await configured(false)
  const { number, sha } = await addPull(world)
  await world.db.delete(environments).where(eq(environments.pullNumber, number))
  await syncPull({ core: createTestCore(world.db), source }, { repositoryId: shop.id, number })
  const held = await world.db.select().from(events).where(eq(events.type, 'pull_request.held'))
  expect(held.map(({ data }) => data)).toContainEqual({ pullNumber: number, sha })
  const made = await world.db.select().from(environments).where(eq(environments.pullNumber, number))
  expect(made).toEqual([])
  const reporter = createApprovalCheckReporter({ db: world.db, octokitFor: world.github.octokitFor })
  const check = byHand(reporter, `${shop.id}@${sha}@${number}`)
  await check.write()
  expect(world.sandbox.github.checkRuns(world.full, sha)).toMatchObject([
    { name: `Sluice / pr-${number}`, conclusion: 'neutral', title: 'Not built: previews are off' },
  ])
  // It is no stranger's: switched on again, nothing asks for an approval.
  await configured(true)
  expect(await callsDuring(() => check.write())).toEqual([])
})

describe('a file', () => {
  test('is read at a commit as it was then; a missing one and a folder are null', async () => {
    const before = await world.checkout.commit('before', { 'dir/file.yml': 'a: ä\n' })
    await world.checkout.commit('after', { 'dir/file.yml': 'b' })
    await world.checkout.push('origin', 'HEAD:refs/heads/files')
    expect(await source.file(shop, before, 'dir/file.yml', 100)).toBe('a: ä\n')
    expect(await source.file(shop, before, 'dir/none.yml', 100)).toBeNull()
    expect(await source.file(shop, before, 'dir', 100)).toBeNull()
  })

  test('that is larger than agreed is refused, not cut', async () => {
    const sha = await world.checkout.commit('large', { 'large.yml': 'x'.repeat(101), 'empty.yml': '' })
    await world.checkout.push('origin', 'HEAD:refs/heads/large')
    await expect(source.file(shop, sha, 'large.yml', 100)).rejects.toMatchObject({ code: 'too_large' })
    expect(await source.file(shop, sha, 'empty.yml', 100)).toBe('')
  })
})

describe('a tree', () => {
  test('has every file with its mode and content, links and submodules among them, folders not', async () => {
    const { checkout } = world
    const sub = await checkout.git('rev-parse', 'HEAD')
    await checkout.commit('files', { 'tree/a.ts': 'a', 'tree/deep/ü ber.ts': 'b', 'tree/run.sh': 'c' })
    const blob = (content: string) =>
      createHash('sha1')
        .update(`blob ${Buffer.byteLength(content)}\0${content}`)
        .digest('hex')
    await checkout.git('update-index', '--chmod=+x', 'tree/run.sh')
    symlinkSync('a.ts', path.join(checkout.dir, 'tree/link'))
    await checkout.git('add', 'tree/link')
    await checkout.git('update-index', '--add', '--cacheinfo', `160000,${sub},tree/sub`)
    await checkout.git('commit', '--quiet', '-m', 'modes')
    await checkout.push('origin', 'HEAD:refs/heads/trees')
    const tree = await source.tree(shop, await checkout.git('rev-parse', 'HEAD'))
    expect(tree?.filter(entry => entry.path.startsWith('tree'))).toEqual([
      { path: 'tree/a.ts', mode: '100644', sha: blob('a') },
      { path: 'tree/deep/ü ber.ts', mode: '100644', sha: blob('b') },
      { path: 'tree/link', mode: '120000', sha: blob('a.ts') },
      { path: 'tree/run.sh', mode: '100755', sha: blob('c') },
      { path: 'tree/sub', mode: '160000', sha: sub },
    ])
    await checkout.git('reset', '--hard', '--quiet', 'HEAD~2')
  })

  test('that is not there, or that GitHub cuts short, is null', async () => {
    expect(await source.tree(shop, '0'.repeat(40))).toBeNull()
    const answer = { truncated: true, tree: [{ path: 'a', mode: '100644', type: 'blob', sha: 'a' }] }
    const request = async () => ({ data: answer })
    const api = { request } as unknown as Parameters<typeof readTree>[0]
    expect(await readTree(api, shop, 'abc')).toBeNull()
    answer.truncated = false
    expect(await readTree(api, shop, 'abc')).toEqual([{ path: 'a', mode: '100644', sha: 'a' }])
  })
})

describe('a tarball', () => {
  test('is written to the file, with the redirect followed and our token kept at home', async () => {
    const sha = await world.checkout.commit('packed', { 'src/a.ts': 'export {}' })
    await world.checkout.push('origin', 'HEAD:refs/heads/packed')
    const to = path.join(folder, 'packed.tgz')
    const sent: string[] = []
    const original = globalThis.fetch
    globalThis.fetch = async (input, init) => {
      const authorization = new Headers(init?.headers).get('authorization')
      sent.push(
        `${String(input).includes('codeload') ? 'archive' : 'api'} ${authorization ? 'with' : 'without'}`,
      )
      return original(input, init)
    }
    await source.tarball(shop, sha, to, signal()).finally(() => {
      globalThis.fetch = original
    })
    expect((await run('tar', ['tzf', to])).stdout).toMatch(/\/src\/a\.ts$/m)
    expect(sent.filter(one => one.startsWith('archive'))).toEqual(['archive without'])
    expect(statSync(to).mode & 0o777).toBe(0o600)
  })

  test('of a commit that is not there is an error that says so', async () => {
    const missing = source.tarball(shop, 'f'.repeat(40), path.join(folder, 'no.tgz'), signal())
    await expect(missing).rejects.toThrow(/Fetching acme\/shop at f{40}.*404/)
  })

  test('stops when it is no longer wanted', async () => {
    const sha = await world.checkout.git('rev-parse', 'HEAD')
    const stopped = source.tarball(shop, sha, path.join(folder, 'stopped.tgz'), AbortSignal.abort())
    await expect(stopped).rejects.toThrow()
  })
})

test('a submodule is fetched through the same installation, and told where that cannot see it', async () => {
  const { checkout, sandbox, config } = world
  const person = { login: 'alice', token: sandbox.tokens.alice ?? '' }
  await sandbox.github.createRepository({ owner: 'acme', name: 'lib', collaborators })
  const lib = await clone(sandbox.github.url, 'acme/lib', person, path.join(folder, 'lib'))
  const commit = await lib.commit('shared', { 'index.js': 'export const shared = 1\n' })
  await lib.push('origin', 'HEAD:main')
  async function fetchWith(url: string) {
    await checkout.git('update-index', '--add', '--cacheinfo', `160000,${commit},lib`)
    checkout.write({ '.gitmodules': `[submodule "lib"]\n\tpath = lib\n\turl = ${url}\n` })
    await checkout.git('add', '.gitmodules')
    await checkout.git('commit', '--quiet', '-m', url)
    await checkout.push('origin', 'HEAD:refs/heads/with-submodule')
    const sha = await checkout.git('rev-parse', 'HEAD')
    const folders = await prepareFolders(path.join(folder, 'data'))
    const workspace = await createWorkspace(folders, 'submodule')
    const said: string[] = []
    const fetched = await fetchSource(
      {
        ...{ buildId: 'submodule', state: 'fetching', sha, repository: shop },
        environment: { id: 'any', name: 'production', root: '.', pullNumber: null, trusted: true },
        watch: [],
        build: { prebuild: null, prebuildNetwork: false, installScripts: false, builder: 'stable' },
      },
      {
        ...{ source, folders, workspace, limits: defaultLimits, signal: signal() },
        ...{
          archives: createArchives(folders.archives, source),
          installTurns: createTurns(),
          keptInstalls: null,
          machine: readMachine(await isolationOfMachine()),
        },
        group: null,
        artifacts: createFolderStore(path.join(folder, 'artifacts')),
        variables: {},
        earlier: [],
        say: text => said.push(text),
      },
    )
    return { fetched, said, lib: path.join(workspace.source, 'lib/index.js') }
  }
  const read = await fetchWith(`${config.github.url}/acme/lib.git`)
  expect(read.said).toContainEqual(`Submodule lib: acme/lib at ${commit}`)
  expect(readFileSync(read.lib, 'utf8')).toBe('export const shared = 1\n')
  expect((await fetchWith('../nothing.git')).fetched).toMatchObject({
    failure: { code: 'submodule_unreadable', message: expect.stringMatching(/"lib".*acme\/nothing/) },
  })
  expect((await fetchWith('https://git.elsewhere.example/acme/lib.git')).fetched).toMatchObject({
    failure: { code: 'submodule_refused' },
  })
})

describe('a role', () => {
  test.each([
    ['alice', 'admin'],
    ['max', 'maintain'],
    ['walt', 'write'],
    ['rita', 'read'],
    ['mallory', 'read'],
  ])('of %s is %s', async (login, role) => {
    expect(await createRoleOf(world.github)(shop, login)).toBe(role)
  })

  test('is never guessed: when GitHub cannot be asked it throws', async () => {
    world.sandbox.github.faults.rest.push({ pathPattern: '/permission', status: 500 })
    await expect(createRoleOf(world.github)(shop, 'alice')).rejects.toMatchObject({ code: 'unavailable' })
  })
})

test('a suspended installation is an error that no retry mends, and says what to do', async () => {
  world.sandbox.github.suspend('acme')
  const { app, apiUrl, throttle } = world.config.github
  if (!app) throw new Error('the sandbox gave no App')
  const fresh = createSource(createGithub({ app, apiUrl, throttle, log }), world.config.github.url)
  await expect(fresh.head(shop, 'main')).rejects.toMatchObject({
    code: 'forbidden',
    message: expect.stringContaining('Unsuspend the App'),
  })
  world.sandbox.github.unsuspend('acme')
})
