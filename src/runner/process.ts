// The Runner: attempts are calls in a warm child process of their version. All but a proper answer costs the process its life.
import path from 'node:path'
import type { ArtifactStore } from '../builds/ports.ts'
import { messageOf } from '../errors.ts'
import type { Exit, NotBegun } from '../executions/outcome.ts'
import type { Call, KeepLog, Runner, Version } from '../executions/ports.ts'
import type { Isolation } from '../isolation/isolation.ts'
import type { Log } from '../log.ts'
import { createAttemptLog } from './attempt-log.ts'
import { createBundleCache } from './bundle-cache.ts'
import { type Child, startChild } from './child-process.ts'
import { besideHeapMb, createEnclosures, type Enclosures } from './enclosures.ts'
import { createEnvironments, type EnvironmentFor } from './environments.ts'
import { isFit } from './fitness.ts'
import { createHomes } from './homes.ts'
import { type Free, runInTurn } from './in-turn.ts'
import { createMasks, maskExit } from './masks.ts'
import { createPool, type Kept, type Purpose } from './pool.ts'
import { nodeArguments, writeProgram } from './program.ts'
import { createStandstill, noStandstill, type Pace, type Standstill } from './standstill.ts'
import { createCallsUnderWay } from './under-way.ts'

export interface ProcessRunnerOptions {
  artifacts: Pick<ArtifactStore, 'get'>
  /** Bundles and the children's private folders. */
  folder: string
  /** How many children wait for work at most. */
  concurrency: number
  /** What functions of an environment find in theirs: its variables, DEFER_TOKEN, DEFER_ENDPOINT. Asked for each attempt. */
  environmentFor: EnvironmentFor
  /** Found once for all that this process runs. */
  isolation(): Promise<Isolation>
  log: Log
  /** Where what functions say goes. */
  keepLog?: KeepLog
  /** Of heap. */
  memoryMb?: number
  idleMs?: number
  /** How soon children end when this process stands still. */
  standstill?: Pace
}

const defaultMemoryMb = 1_024
const defaultIdleMs = 60_000
const longestLoadMs = 30_000
// Of a child in which nothing has begun.
const asNew = { unfit: false, memoryMb: 0 }

export function createProcessRunner(options: ProcessRunnerOptions): Runner {
  const { log, memoryMb = defaultMemoryMb, keepLog = () => {} } = options
  const cache = createBundleCache(path.join(options.folder, 'bundles'), options.artifacts)
  const pool = createPool(options.concurrency, options.idleMs ?? defaultIdleMs)
  const homes = createHomes(path.join(options.folder, 'homes'))
  const lists = createHomes(path.join(options.folder, 'standstill'))
  const underWay = createCallsUnderWay()
  const program = writeProgram(path.join(options.folder, 'program'))
  const environmentFor = createEnvironments(options.environmentFor)
  const maskFor = createMasks()
  const limitMb = memoryMb + besideHeapMb
  // Started ahead, half of what is kept: those that are in use have a place, too.
  const mostUnused = Math.ceil(options.concurrency / 2)
  let warming = 0
  let enclosures: Promise<Enclosures> | null = null
  let standstill: Standstill = noStandstill

  async function prepare() {
    const isolation = await options.isolation()
    await isolation.cgroups?.removeAbandoned()
    standstill = createStandstill(await lists.make(), isolation.leash, options.standstill)
    return createEnclosures({ isolation, homes, heapMb: memoryMb })
  }

  async function start(version: Version, environment: Purpose['environment']): Promise<Kept> {
    enclosures ??= prepare().catch(error => {
      enclosures = null // what was in the way may be gone
      throw error
    })
    const { make } = await enclosures
    const { folder, entry } = await cache.fetch(version.bundleDigest, version.sourceMapDigest)
    const child = startChild(
      await make([...nodeArguments(memoryMb), program, entry], [program, folder]),
      environment,
      standstill,
    )
    const { versionId, functionId } = version
    const kept = { versionId, functionId, environment, child, calls: 0 }
    void child.ended.then(() => pool.forget(kept))
    return kept
  }

  function keepOrEnd(one: Kept, free: Free | null): void {
    const { child, calls } = one
    const wear = { calls, ageMs: performance.now() - child.startedAtMs }
    if (free === null || child.isConfused() || !isFit(free.answer ?? asNew, wear, limitMb)) child.kill()
    else pool.keep(one)
  }

  /** A child for calls of that version: one that waits, or a new one. */
  async function childFor(version: Version): Promise<Kept> {
    const { versionId, functionId, environmentId } = version
    const environment = await environmentFor(environmentId, versionId)
    return pool.take({ versionId, functionId, environment }) ?? (await start(version, environment))
  }

  async function runIn(kept: Kept, environmentId: string, calls: Call[]): Promise<void> {
    const { child } = kept
    kept.calls += calls.length
    underWay.begin(child, environmentId)
    const mask = maskFor(kept.environment)
    const inTurn = calls.map(call => ({
      call: { ...call, ended: (exit: Exit | NotBegun) => call.ended(maskExit(exit, mask)) },
      log: createAttemptLog(keepLog, call.attempt, mask),
    }))
    const free = await runInTurn(child, inTurn, memoryMb)
    underWay.end(child)
    keepOrEnd(kept, free)
  }

  return {
    async run(calls) {
      const [stopped, open] = [calls.filter(isStopped), calls.filter(call => !isStopped(call))]
      for (const call of stopped) call.ended({ kind: 'stopped' })
      const [first] = open
      if (!first) return
      try {
        await runIn(await childFor(first.attempt), first.attempt.environmentId, open)
      } catch (error) {
        for (const call of open) call.ended({ kind: 'unavailable', message: messageOf(error) })
      }
    },
    warn: underWay.warn,
    async warm(version) {
      if (warming + pool.unused() >= mostUnused) return false
      warming += 1
      try {
        const kept = await start(version, await environmentFor(version.environmentId, version.versionId))
        const isReady = await becomesReady(kept.child)
        if (isReady) pool.keep(kept)
        return isReady
      } catch (error) {
        log.warn({ version: version.versionId }, `no process could be started ahead: ${messageOf(error)}`)
        return false
      } finally {
        warming -= 1
      }
    },
    async stop() {
      await pool.close()
      await enclosures?.then(({ removed }) => removed())
      standstill.stop()
      await Promise.all([homes.remove(), lists.remove()])
    },
  }
}

const isStopped = ({ signal }: Call) => signal.aborted

/** One that does not load in time, or not at all, is ended: its first call will tell why. */
async function becomesReady(child: Child): Promise<boolean> {
  const late = setTimeout(child.kill, longestLoadMs)
  const loaded = await child.loaded
  clearTimeout(late)
  const isReady = loaded?.error === null
  if (!isReady) child.kill()
  return isReady
}
