// The Runner: an attempt is one call in a warm child process of its version. The first of these ends it and says what it was:
// an answer, the end of the process, the time limit, the caller's signal. All but a proper answer cost the process its life.
import { randomUUID } from 'node:crypto'
import path from 'node:path'
import type { ArtifactStore } from '../builds/ports.ts'
import { messageOf } from '../errors.ts'
import { digest } from '../events/digest.ts'
import type { Exit } from '../executions/outcome.ts'
import type { Attempt, Runner } from '../executions/ports.ts'
import { harmless } from '../isolation/harmless.ts'
import type { Isolation } from '../isolation/isolation.ts'
import type { Log } from '../log.ts'
import { createBundleCache } from './bundle-cache.ts'
import { type Child, startChild } from './child-process.ts'
import { createEnclosures, type Enclosures } from './enclosures.ts'
import { exitOf } from './exit-kind.ts'
import { createHomes } from './homes.ts'
import { createPool } from './pool.ts'
import { writeProgram } from './program.ts'
import { FailureRecord, type FromChild } from './protocol.ts'

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
const longestTimerMs = 2 ** 31 - 1

export function createProcessRunner(options: ProcessRunnerOptions): Runner {
  const { log, memoryMb = defaultMemoryMb } = options
  const cache = createBundleCache(path.join(options.folder, 'bundles'), options.artifacts)
  const pool = createPool(options.concurrency, options.idleMs ?? defaultIdleMs)
  const homes = createHomes(path.join(options.folder, 'homes'))
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
        const exit = await watch(child, attempt, signal, memoryMb, () => call(child, attempt, warm === null))
        if (exit.kind === 'returned' || exit.kind === 'threw') {
          child.listen(null)
          pool.keep({ child, ...purpose })
        }
        return exit
      } catch (error) {
        return { kind: 'unavailable', message: messageOf(error) }
      }
    },
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

/** Ends the child when time is up or the signal fires. The first reason counts, also when the answer comes right after. */
async function watch(
  child: Child,
  attempt: Attempt,
  signal: AbortSignal,
  memoryMb: number,
  answer: () => Promise<Exit | null>,
): Promise<Exit> {
  let ended: Exit | null = null
  const end = (exit: Exit) => {
    ended ??= exit
    child.kill()
  }
  const { maxDurationMs } = attempt
  const timer = setTimeout(
    () => end({ kind: 'timed_out', maxDurationMs }),
    Math.min(maxDurationMs, longestTimerMs),
  )
  const stop = () => end({ kind: 'stopped' })
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop() // while the child was being started
  try {
    const answered = await answer()
    if (ended === null && answered !== null) return answered
    child.kill()
    const how = await child.ended
    return ended ?? exitOf(how, memoryMb)
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
  }
}

/** Null: no answer of ours came; how the child ended tells. */
async function call(child: Child, attempt: Attempt, isNew: boolean): Promise<Exit | null> {
  if (isNew) {
    const loaded = await child.next()
    if (loaded?.type === 'broken') {
      child.kill()
      return threw(loaded.error)
    }
    if (loaded?.type !== 'ready') return null
  }
  const id = randomUUID()
  child.send({ type: 'run', id, arguments: attempt.arguments })
  const message = await child.next()
  return message && 'id' in message && message.id === id ? toExit(message) : null
}

function toExit(message: Extract<FromChild, { id: string }>): Exit {
  return message.type === 'returned' ? { kind: 'returned', result: message.result } : threw(message.error)
}

/** The record is checked like all that comes from there; what is none is told as text. */
function threw(text: string): Exit {
  try {
    return { kind: 'threw', error: FailureRecord.parse(JSON.parse(text)) }
  } catch {
    return { kind: 'threw', error: { name: 'Error', message: text.slice(0, 1_000) } }
  }
}
