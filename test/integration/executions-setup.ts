// A fresh database with an environment in which functions are deployed by hand: the rows that a release would write.
import { createHash } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { onTestFinished } from 'vitest'
import type { ArtifactStore } from '../../src/builds/ports.ts'
import { connect } from '../../src/db/client.ts'
import { executions, functions, liveExecutions, overlays, versions } from '../../src/db/schema.ts'
import { claim } from '../../src/executions/claim.ts'
import type { Claimed } from '../../src/executions/claim-store.ts'
import { enqueue } from '../../src/executions/enqueue.ts'
import { becomes, type Exit, type StopReason } from '../../src/executions/outcome.ts'
import { createPayloads } from '../../src/executions/payloads.ts'
import { settle } from '../../src/executions/settle.ts'
import { type FunctionOptions, fingerprint } from '../../src/functions/manifest.ts'
import { createLog } from '../../src/log.ts'
import { createTestCore, insertBuild, insertEnvironment, insertRepository } from '../support/place.ts'
import { freshDatabase } from '../support/postgres.ts'

export const log = createLog('silent')

const defaults: FunctionOptions = {
  cron: null,
  retry: { maxAttempts: 0, initialInterval: 30, randomizationFactor: 0, multiplier: 1, maxInterval: 600 },
  concurrency: null,
  maxDuration: null,
  maxConcurrencyAction: 'keep',
}

export interface Deployed {
  id: string
  name: string
  environmentId: string
}

/** Closes with the test, unless `forTest` is false: then with `close`. */
export async function setup(serverUrl: string, forTest = true) {
  const url = await freshDatabase(serverUrl)
  const database = connect(url, { max: 8, name: 'test' })
  if (forTest) onTestFinished(() => database.close())
  const artifacts = createMemoryStore()
  const payloads = createPayloads(database.db, artifacts)
  const core = { ...createTestCore(database.db), payloads }
  const { db } = core
  const repository = await insertRepository(db)
  const environment = await insertEnvironment(db, repository.id)
  let builds = 0

  async function deploy(
    name: string,
    options: Partial<FunctionOptions> = {},
    { code = `${name} 1`, sourceMap = '{}', environmentId = environment.id } = {},
  ): Promise<Deployed> {
    const digests = {
      bundleDigest: await artifacts.put(Buffer.from(code)),
      sourceMapDigest: await artifacts.put(Buffer.from(sourceMap)),
    }
    const content = { name, file: `defer/${name}.ts`, ...digests, options: { ...defaults, ...options } }
    const build = await insertBuild(db, environmentId, ++builds, [content])
    const [known] = await db.select().from(functions).where(eq(functions.name, name))
    const [one] = known ? [known] : await db.insert(functions).values({ environmentId, name }).returning()
    if (!one) throw new Error('no function')
    const [version] = await db
      .insert(versions)
      .values({
        ...content,
        functionId: one.id,
        number: builds,
        buildId: build.id,
        fingerprint: fingerprint(content),
      })
      .returning()
    await db
      .update(functions)
      .set({ state: 'active', activeVersionId: version?.id ?? null })
      .where(eq(functions.id, one.id))
    return { id: one.id, name, environmentId }
  }

  const call = (one: Deployed, ...args: unknown[]) =>
    enqueue(core, { environmentId: one.environmentId, functionName: one.name, arguments: args })

  return {
    url,
    close: () => database.close(),
    core,
    db,
    artifacts,
    repository,
    environment,
    deploy,
    call,
    claim: (slots: number, workerId = 'w1') => claim(core, { workerId, slots, ahead: 0 }),
    async end(claimed: Claimed, exit: Exit, stopped: StopReason | null = null) {
      const tried = { policy: claimed.options.retry, retries: claimed.retries }
      return settle(core, claimed, becomes(exit, stopped, tried, 0.5))
    },
    async stateOf(id: string) {
      const [row] = await db.select().from(executions).where(eq(executions.id, id))
      if (!row) throw new Error(`no execution ${id}`)
      return row
    },
    /** The one under way comes last. */
    async attemptsOf(id: string) {
      const [row] = await db.select().from(executions).where(eq(executions.id, id))
      const { attempts = [], attemptReason: reason, attempt: number, versionId, workerId } = row ?? {}
      return reason
        ? [...attempts, { number, state: 'running', reason, versionId, workerId, error: null }]
        : attempts
    },
    update: (id: string, values: Partial<typeof liveExecutions.$inferInsert>) =>
      db.update(liveExecutions).set(values).where(eq(liveExecutions.id, id)),
    pause: (functionId: string | null, until: Date | null = null) =>
      db
        .insert(overlays)
        .values({ environmentId: environment.id, functionId, kind: 'pause', actor: 'ada', until })
        .returning(),
  }
}

export type Place = Awaited<ReturnType<typeof setup>>

export function createMemoryStore(): ArtifactStore {
  const blobs = new Map<string, Buffer>()
  return {
    async put(content) {
      const digest = createHash('sha256').update(content).digest('hex')
      blobs.set(digest, Buffer.from(content))
      return digest
    },
    has: async digest => blobs.has(digest),
    async get(digest) {
      const content = blobs.get(digest)
      if (!content) throw new Error(`no artifact ${digest}`)
      return content
    },
    async delete(digest) {
      blobs.delete(digest)
    },
  }
}

export function only<T>(items: readonly T[]): T {
  const [item] = items
  if (item === undefined || items.length !== 1) throw new Error(`one expected, ${items.length} found`)
  return item
}

/** Asks until it holds; the test's own time-out is the bound. */
export async function until<T>(question: () => Promise<T | false | null | undefined>): Promise<T> {
  for (;;) {
    const answer = await question()
    if (answer) return answer
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}
