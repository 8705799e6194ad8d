// Brings what stands outside (checks, comments, messages) up to what the database says. A reporter is handed its subject and
// what it remembered, looks at the world, and writes only the difference: so late, repeated and lost triggers are all the
// same to it. `wanted` is read before it looks; a change that comes while it writes raises `wanted` further, and its own
// job follows. Nothing here knows GitHub or Slack.
import { AppError, codes, messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import { every, type Service } from '../service.ts'
import type { Core } from './outbox.ts'
import {
  findReport,
  markFailed,
  markWritten,
  type Remote,
  type Report,
  rememberRemote,
  reportsLeftBehind,
} from './reports-store.ts'

export type { Remote } from './reports-store.ts'

export interface Writing {
  subject: string
  /** What it remembered last time: ids of the other side, hashes of what it wrote. Empty the first time. */
  remote: Remote
  /** Stores what must not be lost if the process dies before `write` ends. */
  remember(remote: Remote): Promise<void>
  signal: AbortSignal
}

export interface Reporter {
  /** Resolves to what to remember. An AppError that no retry can mend is recorded, and waits for the next change. */
  write(writing: Writing): Promise<Remote>
}

/** Thrown by a reporter that may not write again so soon: what is wanted stays wanted, and is written then. */
export class Postponed extends Error {
  readonly waitMs: number
  constructor(waitMs: number) {
    super(`to be written in ${waitMs} ms`)
    this.waitMs = waitMs
  }
}

interface Deps {
  core: Pick<Core, 'db' | 'jobs'>
  /** By report kind. */
  reporters: Readonly<Record<string, Reporter>>
  log: Log
  sweepMs?: number
}

const concurrency = 4
const sweepBatch = 200

export function createReporting({ core, reporters, log, sweepMs = 30_000 }: Deps): Service {
  const sweeper = every('report sweep', sweepMs, log, async () => {
    for (const reportId of await reportsLeftBehind(core.db, sweepBatch)) {
      await core.jobs.send(core.db, 'report', { reportId }, reportId)
    }
  })
  return {
    name: 'reporting',
    async start() {
      await core.jobs.work('report', concurrency, ({ reportId }, signal) =>
        bringUpToDate({ core, reporters, log }, reportId, signal),
      )
      await sweeper.start()
    },
    stop: deadline => sweeper.stop(deadline),
  }
}

async function bringUpToDate(deps: Deps, reportId: string, signal: AbortSignal): Promise<void> {
  const { db } = deps.core
  const report = await findReport(db, reportId)
  if (!report || report.written >= report.wanted) return
  const reporter = deps.reporters[report.kind]
  if (!reporter) {
    const error = `nothing reports "${report.kind}" here (its settings were removed)`
    return markWritten(db, reportId, { upTo: report.wanted, error })
  }
  try {
    const remote = await reporter.write({
      subject: report.subject,
      remote: report.remote,
      remember: remote => rememberRemote(db, reportId, remote),
      signal,
    })
    await markWritten(db, reportId, { upTo: report.wanted, error: null, remote })
  } catch (error) {
    if (error instanceof Postponed) {
      const after = Math.ceil(error.waitMs / 1_000)
      // Under a key of its own: what changes meanwhile may be worth writing at once, and gets its job.
      return deps.core.jobs.send(db, 'report', { reportId }, `${reportId} later`, after)
    }
    await record(deps, report, error)
  }
}

async function record({ core, log }: Deps, report: Report, error: unknown): Promise<void> {
  const message = messageOf(error).slice(0, 1_000)
  if (!(error instanceof AppError) || codes[error.code].retryable) {
    await markFailed(core.db, report.id, message)
    throw error
  }
  const { kind, subject } = report
  log.warn({ kind, subject }, `${kind} of ${subject} cannot be written: ${message}`)
  await markWritten(core.db, report.id, { upTo: report.wanted, error: message })
}
