// For tests of what we say to GitHub and Slack: the local GitHub and Slack with one repository, a database that knows it, and
// reporters run by hand, remembering what they remember. The App's tokens, limits and answers are the sandbox's.
import { join } from 'node:path'
import { eq } from 'drizzle-orm'
import { pino } from 'pino'
import { inject } from 'vitest'
import { collaborators, type Sandbox, startSandbox } from '../../sandbox/start.ts'
import { type Checkout, clone } from '../../sandbox/testing/checkout.ts'
import { temporaryFolder } from '../../sandbox/testing/temporary.ts'
import { readConfig } from '../../src/config.ts'
import { connect, type Database } from '../../src/db/client.ts'
import { builds, environments, installations, releases, repositories } from '../../src/db/schema.ts'
import type { Remote, Reporter } from '../../src/events/reporter.ts'
import { createGithub, type Github } from '../../src/github/client/client.ts'
import { freshDatabase } from './postgres.ts'

export const log = pino({ level: 'silent' })

export interface World {
  sandbox: Sandbox
  github: Github
  database: Database
  db: Database['db']
  full: string
  repositoryId: number
  installationId: number
  checkout: Checkout
  config: ReturnType<typeof readConfig>
  [Symbol.asyncDispose](): Promise<void>
}

export async function createWorld(): Promise<World> {
  const folder = temporaryFolder()
  const sandbox = await startSandbox({ dir: join(folder.path, 'sandbox') })
  const created = await sandbox.github.createRepository({ owner: 'acme', name: 'shop', collaborators })
  const installationId = sandbox.github.install('acme')
  const alice = { login: 'alice', token: sandbox.tokens.alice ?? '' }
  const checkout = await clone(sandbox.github.url, created.fullName, alice, join(folder.path, 'shop'))
  await checkout.commit('first', { 'package.json': '{}' })
  await checkout.push('origin', 'HEAD:main')
  const config = readConfig({ ...sandbox.settings, SLUICE_DATA: folder.path })
  const { app, apiUrl, throttle } = config.github
  if (!app) throw new Error('the sandbox gave no App')
  const database = connect(await freshDatabase(inject('postgresUrl')), { max: 8, name: 'test github' })
  await database.db.insert(installations).values({ id: installationId, account: 'acme', accountId: 1 })
  await database.db.insert(repositories).values({
    ...{ id: created.id, installationId, owner: 'acme', name: 'shop' },
    ...{ defaultBranch: 'main', private: false },
  })
  return {
    ...{
      sandbox,
      database,
      db: database.db,
      full: created.fullName,
      repositoryId: created.id,
      installationId,
    },
    ...{ checkout, config, github: createGithub({ app, apiUrl, throttle, log }) },
    async [Symbol.asyncDispose]() {
      await database.close()
      await sandbox.close()
      folder.remove()
    },
  }
}

type Environment = typeof environments.$inferInsert
type Build = typeof builds.$inferInsert

export async function addEnvironment(world: World, said: Partial<Environment> = {}): Promise<string> {
  const [row] = await world.db
    .insert(environments)
    .values({
      repositoryId: world.repositoryId,
      name: 'production',
      kind: 'branch',
      branch: 'main',
      production: true,
      ...said,
    })
    .returning({ id: environments.id })
  if (!row) throw new Error('no environment was stored')
  return row.id
}

/** The preview of a pull request that was opened from a branch of its own. */
export async function addPull(world: World): Promise<{ number: number; sha: string; environmentId: string }> {
  const { checkout, sandbox } = world
  const branch = `feature-${Date.now()}`
  await checkout.git('checkout', '--quiet', '-b', branch)
  const sha = await checkout.commit('work', { 'work.txt': branch })
  await checkout.push('origin', branch)
  const response = await fetch(`${sandbox.github.apiUrl}/repos/${world.full}/pulls`, {
    method: 'POST',
    headers: { authorization: `Bearer ${sandbox.tokens.alice}`, 'content-type': 'application/json' },
    body: JSON.stringify({ title: 'Work', head: branch, base: 'main' }),
  })
  const { number } = (await response.json()) as { number: number }
  const preview = {
    name: `pr-${number}`,
    kind: 'preview' as const,
    branch,
    production: false,
    pullNumber: number,
  }
  return { number, sha, environmentId: await addEnvironment(world, preview) }
}

let numbers = 0

export async function addBuild(
  world: World,
  environmentId: string,
  said: Partial<Build> & { live?: boolean } = {},
): Promise<string> {
  const { live = false, ...columns } = said
  const sha = columns.sha ?? (await world.checkout.git('rev-parse', 'HEAD'))
  const ended = ['succeeded', 'failed', 'cancelled', 'superseded'].includes(columns.state ?? 'queued')
  const [row] = await world.db
    .insert(builds)
    .values({
      ...{ environmentId, number: ++numbers, ref: 'refs/heads/main', message: 'work', author: 'alice', sha },
      ...(columns.state === 'succeeded' ? { manifest: [] } : {}),
      ...(ended
        ? { startedAt: new Date('2026-01-01T00:00:00Z'), finishedAt: new Date('2026-01-01T00:01:15Z') }
        : {}),
      ...columns,
    })
    .returning({ id: builds.id })
  if (!row) throw new Error('no build was stored')
  if (live) await makeLive(world, environmentId, row.id)
  return row.id
}

const noChanges = { added: [], changed: [], unchanged: [], archived: [], restored: [] }

export async function makeLive(
  world: World,
  environmentId: string,
  buildId: string,
  changes = {},
): Promise<void> {
  await world.db
    .update(environments)
    .set({ activeBuildId: buildId })
    .where(eq(environments.id, environmentId))
  await world.db
    .insert(releases)
    .values({ environmentId, buildId, kind: 'deploy', actor: 'push', changes: { ...noChanges, ...changes } })
}

export async function setBuild(world: World, buildId: string, columns: Partial<Build>): Promise<void> {
  const ended = columns.state && ['succeeded', 'failed', 'cancelled', 'superseded'].includes(columns.state)
  await world.db
    .update(builds)
    .set({
      ...(ended
        ? { startedAt: new Date('2026-01-01T00:00:00Z'), finishedAt: new Date('2026-01-01T00:01:15Z') }
        : {}),
      ...(columns.state === 'succeeded' ? { manifest: [] } : {}),
      ...columns,
    })
    .where(eq(builds.id, buildId))
}

/** Runs a reporter as the reporting service would; `dies` ends a try at its nth word to remember, before it is stored. */
export function byHand(reporter: Reporter, subject: string) {
  let kept: Remote = {}
  return {
    remote: () => kept,
    remember: (remote: Remote) => {
      kept = remote
    },
    async write({ diesAtRemember = 0 } = {}) {
      let remembered = 0
      kept = await reporter.write({
        subject,
        remote: kept,
        signal: new AbortController().signal,
        async remember(remote) {
          if (++remembered === diesAtRemember) throw new Error('killed')
          kept = remote
        },
      })
    },
  }
}

/** What the App asked GitHub to change while `work` ran: method and path. */
export async function callsDuring(work: () => Promise<unknown>): Promise<string[]> {
  const calls: string[] = []
  const original = globalThis.fetch
  globalThis.fetch = async (input, init) => {
    const path = String(input).replace(/^https?:\/\/[^/]+/, '')
    if (!path.includes('access_tokens')) calls.push(`${init?.method ?? 'GET'} ${path}`)
    return original(input, init)
  }
  try {
    await work()
  } finally {
    globalThis.fetch = original
  }
  return calls
}
