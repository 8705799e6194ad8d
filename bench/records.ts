// What Sluice's own database says of a push: when its webhook was stored, when each stage began, when the functions were live
// for everybody who asks. All on PostgreSQL's clock.
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { connect } from '../src/db/client.ts'
import { startCluster } from '../src/db/embedded/cluster.ts'

export interface Measured {
  totalMs: number
  /** What the time went into, in order; they add up to the total. */
  stages: { stage: string; ms: number }[]
}

export interface Records {
  /** Waits until what was pushed is live, or known to be what is live already. */
  measure(sha: string, since: number): Promise<Measured>
  /** Looks at the builds of a commit until they are as wanted; there is at least one. */
  until(sha: string, wanted: (builds: Seen[]) => boolean): Promise<Seen[]>
  now(): Promise<number>
  close(): Promise<void>
}

export interface Seen {
  state: string
  finished: boolean
  /** Of its failure. */
  code: string | null
}

const lookMs = 5
const lookSeldomMs = 50
const patienceMs = 10 * 60_000

/** Times in milliseconds. */
interface Row {
  state: string
  at: number
  received: number
  queued: number
  started: number | null
  stages: string
}

const Stages = z.array(z.object({ stage: z.string(), at: z.string() }))

export async function openRecords(dataDir: string): Promise<Records> {
  const cluster = await startCluster(path.resolve(dataDir))
  const { driver, close } = connect(cluster.url(), { max: 1, name: 'sluice bench' })

  async function look(sha: string, since: number): Promise<Row | null> {
    const ms = (time: string) => driver.unsafe(`(extract(epoch from ${time}) * 1000)::float8`)
    const [row] = await driver<Row[]>`
      select b.state, ${ms('clock_timestamp()')} as at, ${ms('d.received_at')} as received,
        ${ms('b.created_at')} as queued, ${ms('b.started_at')} as started, b.stages::text as stages
      from builds b
      join environments e on e.id = b.environment_id
      cross join lateral (
        select received_at from deliveries
        where event = 'push' and repository_id = e.repository_id and ${ms('received_at')} > ${since}::float8
        order by received_at limit 1
      ) d
      where b.sha = ${sha} and b.finished_at is not null`
    return row ?? null
  }

  return {
    async now() {
      const [row] = await driver<{ at: number }[]>`
        select (extract(epoch from clock_timestamp()) * 1000)::float8 as at`
      return row?.at ?? 0
    },
    async measure(sha, since) {
      const start = performance.now()
      for (;;) {
        const row = await look(sha, since)
        if (row?.state === 'failed') throw new Error(`the build of ${sha} failed; see its log`)
        if (row) return measured(row)
        if (performance.now() - start > patienceMs)
          throw new Error(`what was pushed with ${sha} is not live after ${patienceMs / 60_000} minutes`)
        await sleep(lookMs)
      }
    },
    async until(sha, wanted) {
      for (;;) {
        const builds = await driver<Seen[]>`
          select state, finished_at is not null as finished, failure->>'code' as code
          from builds where sha = ${sha}`
        if (builds.length > 0 && wanted(builds)) return builds
        await sleep(lookSeldomMs)
      }
    },
    close,
  }
}

/** Until it was seen from outside: the time in the row is that of the beginning of the transaction that wrote it. */
function measured({ at, received, queued, started, stages }: Row): Measured {
  const entered = Stages.parse(JSON.parse(stages))
  const marks = [
    { stage: 'webhook to build', from: received },
    { stage: 'queue', from: queued },
    ...(started !== null && entered.length === 0 ? [{ stage: 'build', from: started }] : []),
    ...entered.map(({ stage, at: from }) => ({ stage, from: Date.parse(from) })),
  ]
  return {
    totalMs: at - received,
    stages: marks.map(({ stage, from }, index) => ({ stage, ms: (marks[index + 1]?.from ?? at) - from })),
  }
}
