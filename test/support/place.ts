// Rows to act on: an installation, a repository, an environment in it, functions with a version each, executions. Straight
// into the tables, so that tests of what happens to them need no build.
import { randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import type { Db, Pool } from '../../src/db/client.ts'
import type { Jobs } from '../../src/db/jobs.ts'
import * as schema from '../../src/db/schema.ts'
import type { TargetsOf } from '../../src/events/outbox.ts'
import { type Core, createAppend } from '../../src/events/outbox.ts'
import { type FoundFunction, fingerprint, type Manifest } from '../../src/functions/manifest.ts'

export interface SentJob {
  queue: string
  data: Record<string, unknown>
}

/** The real outbox over a list instead of a queue. */
export function createTestCore(db: Pool, subscribers: readonly TargetsOf[] = []): Core & { sent: SentJob[] } {
  const sent: SentJob[] = []
  const jobs: Jobs = {
    async send(_db, queue, data) {
      sent.push({ queue, data })
    },
    async sendAll(_db, queue, all) {
      for (const { data } of all) sent.push({ queue, data })
    },
    async work() {},
    async ensure() {},
    async start() {},
    async stop() {},
  }
  return { db, pool: db, jobs, append: createAppend(jobs, subscribers), sent }
}

let nextId = 1_000

export async function insertRepository(db: Db, values: { config?: unknown; private?: boolean } = {}) {
  const id = nextId++
  await db.insert(schema.installations).values({ id, account: 'acme', accountId: id })
  const [repository] = await db
    .insert(schema.repositories)
    .values({
      private: true,
      ...values,
      id,
      installationId: id,
      owner: 'acme',
      name: `shop-${id}`,
      defaultBranch: 'main',
    })
    .returning()
  if (!repository) throw new Error('no repository')
  return repository
}

type NewEnvironment = Partial<typeof schema.environments.$inferInsert>

export async function insertEnvironment(db: Db, repositoryId: number, values: NewEnvironment = {}) {
  const [environment] = await db
    .insert(schema.environments)
    .values({ repositoryId, name: 'production', kind: 'branch', branch: 'main', production: true, ...values })
    .returning()
  if (!environment) throw new Error('no environment')
  return environment
}

export function insertPreview(db: Db, repositoryId: number, pullNumber: number) {
  const name = `pr-${pullNumber}`
  return insertEnvironment(db, repositoryId, {
    name,
    kind: 'preview',
    branch: 'topic',
    production: false,
    pullNumber,
  })
}

export function found(name: string, content = '1'): FoundFunction {
  const retry = {
    maxAttempts: 0,
    initialInterval: 30,
    randomizationFactor: 0,
    multiplier: 1,
    maxInterval: 600,
  }
  const options = {
    cron: null,
    retry,
    concurrency: null,
    maxDuration: null,
    maxConcurrencyAction: 'keep' as const,
  }
  const digest = `sha256:${name}-${content}`
  return { name, file: `defer/${name}.ts`, bundleDigest: digest, sourceMapDigest: digest, options }
}

export async function insertBuild(db: Db, environmentId: string, number: number, manifest: Manifest) {
  const sha = number.toString(16).padStart(40, '0')
  const state = { state: 'succeeded' as const, finishedAt: new Date() }
  const [build] = await db
    .insert(schema.builds)
    .values({ environmentId, number, sha, ref: 'refs/heads/main', manifest, ...state })
    .returning()
  if (!build) throw new Error('no build')
  return build
}

/** Active, with version 1 of the build; `buildId` left out: it never had one. */
export async function insertFunction(db: Db, environmentId: string, name: string, buildId?: string) {
  const [one] = await db.insert(schema.functions).values({ environmentId, name }).returning()
  if (!one) throw new Error('no function')
  if (buildId === undefined) return one
  const { name: _name, ...content } = found(name)
  const versionId = randomUUID()
  await db.insert(schema.versions).values({
    ...content,
    id: versionId,
    functionId: one.id,
    number: 1,
    buildId,
    fingerprint: fingerprint(found(name)),
  })
  const live = { state: 'active' as const, activeVersionId: versionId }
  await db.update(schema.functions).set(live).where(eq(schema.functions.id, one.id))
  return { ...one, ...live }
}

export async function insertExecutions(db: Db, one: { id: string; environmentId: string }, amount: number) {
  const row = (_: unknown, index: number) => ({
    environmentId: one.environmentId,
    functionId: one.id,
    arguments: JSON.stringify([index]),
  })
  return db
    .insert(schema.liveExecutions)
    .values(Array.from({ length: amount }, row))
    .returning()
}
