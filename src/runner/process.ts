// The Runner: an attempt is one call in a warm child process of its version. All but a proper answer costs the process its life.
import path from 'node:path'
import type { ArtifactStore } from '../builds/ports.ts'
import { messageOf } from '../errors.ts'
import { digest } from '../events/digest.ts'
import type { Attempt, Runner } from '../executions/ports.ts'
import { harmless } from '../isolation/harmless.ts'
import type { Isolation } from '../isolation/isolation.ts'
import type { Log } from '../log.ts'
import { createBundleCache } from './bundle-cache.ts'
import { runCall } from './call.ts'
import { type Child, startChild } from './child-process.ts'
import { createEnclosures, type Enclosures } from './enclosures.ts'
import { createHomes } from './homes.ts'
import { createPool } from './pool.ts'
import { writeProgram } from './program.ts'
import { createCallsUnderWay } from './under-way.ts'

export interface ProcessRunnerOptions {
  artifacts: Pick<ArtifactStore, 'get'>
  /** Bundles and the children's private folders. */
  folder: string
  /** How many children wait for work at most. */
  concurrency: number
  /** What functions of an environment find in theirs: its variables, DEFER_TOKEN, DEFER_ENDPOINT. Asked for each attempt. */
  environmentFor(environmentId: string): Record<string, string> | Promise<Record<string, string>>
  /** Found once for all that this process runs. */
  isolation(): Promise<Isolation>
  log: Log
  /** Of heap. */
  memoryMb?: number
  idleMs?: number
}

const defaultMemoryMb = 1_024
const defaultIdleMs = 60_000

export function createProcessRunner(options: ProcessRunnerOptions): Runner {
  const { log, memoryMb = defaultMemoryMb } = options
  const cache = createBundleCache(path.join(options.folder, 'bundles'), options.artifacts)
  const pool = createPool(options.concurrency, options.idleMs ?? defaultIdleMs)
  const homes = createHomes(path.join(options.folder, 'homes'))
  const underWay = createCallsUnderWay()
  const program = writeProgram(path.join(options.folder, 'program'))
  const nodeArguments = ['--enable-source-maps', `--max-old-space-size=${memoryMb}`]
  let enclosures: Promise<Enclosures> | null = null

  async function prepare() {
    const isolation = await options.isolation()
    await isolation.cgroups?.removeAbandoned()
    return createEnclosures({ isolation, homes, heapMb: memoryMb })
  }

  async function start(attempt: Attempt, environment: Record<string, string>): Promise<Child> {
    enclosures ??= prepare().catch(error => {
      enclosures = null // what was in the way may be gone
      throw error
    })
    const { make } = await enclosures
    const { folder, entry } = await cache.fetch(attempt.bundleDigest, attempt.sourceMapDigest)
    return startChild(await make([...nodeArguments, program, entry], [program, folder]), environment)
  }

  return {
    async run(attempt, signal) {
      if (signal.aborted) return { kind: 'stopped' }
      try {
        const variables = harmless(await options.environmentFor(attempt.environmentId))
        const environment = { ...variables, ...fixedEnvironment }
        const { versionId, functionId } = attempt
        const purpose = { versionId, functionId, environment: digest(environment) }
        const warm = pool.take(purpose)
        const child = warm ?? (await start(attempt, environment))
        child.listen(text => log.debug({ execution: attempt.executionId, output: text }, 'function output'))
        underWay.begin(child, attempt.environmentId)
        const { exit, answer } = await runCall(child, attempt, signal, memoryMb)
        underWay.end(child)
        child.listen(null)
        if (answer === null || answer.unfit || child.isConfused()) child.kill()
        else pool.keep({ child, ...purpose })
        return exit
      } catch (error) {
        return { kind: 'unavailable', message: messageOf(error) }
      }
    },
    warn: underWay.warn,
    async stop() {
      await pool.close()
      await enclosures?.then(({ removed }) => removed())
      await homes.remove()
    },
  }
}

const fixedEnvironment = {
  TZ: 'UTC',
  NODE_ENV: 'production',
  PATH: `${path.dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`,
  LANG: 'C.UTF-8',
}
