// Internal work (process a delivery, build, report, run a command) is pg-boss jobs, created in the transaction of what
// causes them. This file names the queues and how each is serialised and recovered; nobody else calls pg-boss (two
// sweeps read its table, to find what has no job any more).
// A killed process stops its heartbeats: the supervisor of any other process, or of the next start, sees that and retries.
import { sql } from 'drizzle-orm'
import { fromDrizzle, PgBoss, type QueueOptions, type QueuePolicy } from 'pg-boss'
import { messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import { connect, type Database, type Db, type Tx } from './client.ts'
import { jobsDatabase } from './jobs-database.ts'

/** `failedOn`: it comes back from the builder of that channel (builds/channel.ts). */
export type BuildJob = {
  buildId: string
  failedOn?: { channel: string; version: string; code: string }
}
/** Of the builds for a builder other than the stable one: made by that builder. */
export type ChannelQueue = `build-${string}`

export interface JobData {
  delivery: { id: string }
  build: BuildJob
  [channel: ChannelQueue]: BuildJob
  report: { reportId: string }
  command: { commandId: string }
}
export type QueueName = keyof JobData

// For about an hour. Never more than a minute apart: somebody waits for what fails again and again beside much that works.
const recovered: QueueOptions = {
  heartbeatSeconds: 10,
  retryLimit: 65,
  retryDelay: 1,
  retryBackoff: true,
  retryDelayMax: 60,
}
type Fixed = 'delivery' | 'build' | 'report' | 'command'
const queues: Record<Fixed, QueueOptions & { policy: QueuePolicy }> = {
  delivery: { ...recovered, policy: 'standard', expireInSeconds: 300 },
  // A build is worked once at a time (key: the build, group: its repository). Of an environment a newer one need not wait for
  // the older, which it supersedes. 30 minutes is Defer's limit, the pipeline ends it earlier.
  build: { ...recovered, policy: 'singleton', expireInSeconds: 2_400 },
  // One waiting and one at work for each report: a burst of changes becomes one write.
  report: { ...recovered, policy: 'stately', expireInSeconds: 120 },
  command: { ...recovered, policy: 'standard', expireInSeconds: 300 },
}

// Which keys are at work the queue remembers from when it last looked, and leaves their jobs alone until it looks again.
const lookingAgain = {
  superviseIntervalSeconds: 2,
  monitorIntervalSeconds: 2,
  queueCacheIntervalSeconds: 1,
}

// A notification tells of a job that was created, not of one that waited for another of its key: those are found by looking.
const polling = { pollingIntervalSeconds: 1, notifyPollingIntervalSeconds: 1 }

/** How much of a queue one process works on at the same time. */
export interface AtOnce {
  all: number
  /** Of one group: what has no more room here waits, and what comes after it of others goes first. */
  ofGroup: number
}

export interface Jobs {
  /**
   * `key` serialises: see the queue's policy. `db`: the transaction whose commit creates the job. `afterSeconds`: it is not
   * worked before.
   */
  send<Q extends QueueName>(
    db: Db | Tx,
    queue: Q,
    data: JobData[Q],
    key?: string,
    afterSeconds?: number,
  ): Promise<void>
  /** Many in one statement. `group`: whose work it is, where that is limited (AtOnce). */
  sendAll<Q extends QueueName>(
    db: Db | Tx,
    queue: Q,
    jobs: { data: JobData[Q]; key: string; group?: string }[],
  ): Promise<void>
  /** `signal` fires when the job is no longer ours or the process stops; a thrown error is retried with back-off. */
  work<Q extends QueueName>(
    queue: Q,
    atOnce: number | AtOnce,
    handle: (data: JobData[Q], signal: AbortSignal) => Promise<void>,
  ): Promise<void>
  /** Makes the queue of a builder's channel, if it is not there. */
  ensure(queue: ChannelQueue): Promise<void>
  start(): Promise<void>
  stop(deadline: Date): Promise<void>
}

export async function installJobs(url: string): Promise<void> {
  const database = connect(url, { max: 1, name: 'sluice migrate', answerWithinMs: 0 })
  try {
    const boss = createBoss(database, { migrate: true, supervise: false })
    await boss.start()
    for (const [name, { policy, ...options }] of Object.entries(queues)) {
      await boss.createQueue(name, { ...options, policy, notify: true })
      await boss.updateQueue(name, options) // an earlier version may have made it
    }
    await boss.stop({ graceful: false })
  } finally {
    await database.close()
  }
}

function createBoss(database: Database, options: { migrate: boolean; supervise: boolean }): PgBoss {
  return new PgBoss({
    db: jobsDatabase(database),
    ...options,
    schedule: false,
    useListenNotify: !options.migrate,
    ...lookingAgain,
  })
}

export function createJobs(database: Database, log: Log): Jobs {
  const boss = createBoss(database, { migrate: false, supervise: true })
  boss.on('error', error => log.warn({ error }, `jobs: ${messageOf(error)}`))
  return {
    async send(db, queue, data, key, afterSeconds) {
      await boss.send(queue, data, {
        db: fromDrizzle(db, sql),
        ...(key === undefined ? {} : { singletonKey: key }),
        ...(afterSeconds === undefined ? {} : { startAfter: afterSeconds }),
      })
    },
    async sendAll(db, queue, sent) {
      const jobs = sent.map(({ data, key, group }) => ({
        data,
        singletonKey: key,
        ...(group === undefined ? {} : { group: { id: group } }),
      }))
      if (jobs.length > 0) await boss.insert(queue, jobs, { db: fromDrizzle(db, sql) })
    },
    async work(queue, atOnce, handle) {
      await boss.work<JobData[typeof queue]>(
        queue,
        { ...concurrencyOf(atOnce), ...polling },
        async ([job]) => {
          if (!job) return
          await handle(job.data, job.signal).catch(error => {
            log.warn({ error, queue, job: job.id }, `${queue} will be tried again: ${messageOf(error)}`)
            throw error
          })
        },
      )
    },
    async ensure(queue) {
      await boss.createQueue(queue, { ...queues.build, notify: true })
    },
    async start() {
      await boss.start()
    },
    async stop(deadline) {
      await boss.stop({ graceful: true, timeout: Math.max(1_000, deadline.getTime() - Date.now()) })
    },
  }
}

function concurrencyOf(atOnce: number | AtOnce) {
  if (typeof atOnce === 'number') return { localConcurrency: atOnce }
  return { localConcurrency: atOnce.all, localGroupConcurrency: atOnce.ofGroup }
}
