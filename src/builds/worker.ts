// Works the queue of builds: hands each job to work-build.ts and, when the process is to stop, waits for the builds under
// way until the deadline. What is not done by then is ended, and begun again by the next process.
import { availableParallelism, totalmem } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '../config.ts'
import { readVariables } from '../environments/variables.ts'
import { AppError } from '../errors.ts'
import type { Core } from '../events/outbox.ts'
import type { Isolation } from '../isolation/isolation.ts'
import type { Log } from '../log.ts'
import type { Service } from '../service.ts'
import { createArchives } from './archive/archive-cache.ts'
import { builderVersion } from './builder-version.ts'
import { noteBuilder } from './builders-store.ts'
import { startBundler } from './bundling/bundler.ts'
import { queueOf } from './channel.ts'
import { prepareFolders, removeAbandoned } from './folders.ts'
import { createKeptInstalls } from './installing/kept-installs.ts'
import { createTurns } from './installing/turns.ts'
import { Interruption } from './interruption.ts'
import type { ArtifactStore, Source } from './ports.ts'
import { readMachine } from './processes/machine.ts'
import { slotsOf } from './slots.ts'
import { defaultLimits, type Limits } from './tools.ts'
import { workBuild } from './work-build.ts'

interface Needs {
  core: Core
  source: Source
  artifacts: ArtifactStore
  config: Pick<Config, 'dataDir' | 'storage' | 'channel' | 'builders'>
  /** Found once for all that this process runs. @throws when it is required and not to be had. */
  isolation(): Promise<Isolation>
  /** Opens the variables of environments. */
  masterKey: string
  log: Log
  limits?: Limits
}

export function createBuildWorker({
  core,
  source,
  artifacts,
  config,
  isolation,
  masterKey,
  log,
  ...options
}: Needs): Service {
  const channels = { own: config.channel, others: config.builders.map(one => one.channel) }
  const slots = slotsOf({ processors: availableParallelism(), memoryBytes: totalmem() })
  const atOnce = { all: slots.builds, ofGroup: slots.ofOneRepository }
  const stopping = new AbortController()
  const underWay = new Set<Promise<void>>()
  let accepting = true
  // A store in the data folder is this machine's alone, and lies on the same disk as the installs.
  const keptInstalls = isWithin(config.storage, config.dataDir)
    ? null
    : createKeptInstalls({ db: core.db, artifacts, log })

  async function track(done: Promise<void>): Promise<void> {
    underWay.add(done)
    await done.finally(() => underWay.delete(done))
  }

  return {
    name: 'builds',
    async start() {
      const folders = await prepareFolders(config.dataDir)
      await removeAbandoned(folders, new Date())
      const machine = readMachine(await isolation())
      await machine.isolation.cgroups?.removeAbandoned()
      await startBundler()
      await noteBuilder(core.db, channels.own, builderVersion)
      const builder = {
        core,
        source,
        archives: createArchives(folders.archives, source),
        installTurns: createTurns(),
        artifacts,
        keptInstalls,
        machine,
        folders,
        limits: options.limits ?? defaultLimits,
        variablesOf: (environment: { id: string; repositoryId: number }) =>
          readVariables(core.db, masterKey, environment),
        channels,
        log,
      }
      for (const channel of [channels.own, ...channels.others]) {
        const queue = queueOf(channel)
        if (queue !== 'build') await core.jobs.ensure(queue)
      }
      await core.jobs.work(queueOf(channels.own), atOnce, async ({ buildId, failedOn }, job) => {
        if (!accepting)
          throw new AppError('unavailable', `build ${buildId} is left to another process: this one stops`)
        const signal = AbortSignal.any([job, stopping.signal])
        await track(workBuild(builder, buildId, signal, failedOn ?? null))
      })
    },
    async stop(deadline) {
      accepting = false
      await finishedOr(underWay, deadline)
      stopping.abort(new Interruption('stopping'))
      await Promise.allSettled(underWay)
      await keptInstalls?.stop()
    },
  }
}

function isWithin(folder: string, outer: string): boolean {
  return path.resolve(folder).startsWith(path.resolve(outer) + path.sep)
}

async function finishedOr(underWay: Set<Promise<void>>, deadline: Date): Promise<void> {
  const enough = new AbortController()
  const limit = sleep(Math.max(0, deadline.getTime() - Date.now()), undefined, { signal: enough.signal })
  await Promise.race([Promise.allSettled(underWay), limit])
  enough.abort()
  await limit.catch(() => {}) // ended early: there is nothing left to wait for
}
