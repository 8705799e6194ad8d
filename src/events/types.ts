// The facts that are stored, as data: what happened, to what, by whom. The past tense of a verb in one of the domains.

/** Where somebody asked for what happened: said by the surface (outbox.ts, askedVia). */
export type Via = 'push' | 'comment' | 'button' | 'api' | 'console' | 'slack'

export type EventType =
  | 'config.accepted'
  | 'config.rejected'
  | 'environment.opened'
  | 'environment.closed'
  | 'environment.eviction_announced'
  | 'environment.eviction_lifted'
  | 'previews.sweep_stopped'
  | 'environment.paused'
  | 'environment.resumed'
  | 'environment.draining'
  | 'environment.safe_to_stop'
  | 'environment.pinned'
  | 'environment.unpinned'
  | 'build.queued'
  | 'build.progressed'
  | 'build.succeeded'
  | 'build.failed'
  | 'build.cancelled'
  | 'build.superseded'
  | 'build.unchanged'
  | 'release.activated'
  | 'release.held'
  | 'release.replaced'
  | 'function.paused'
  | 'function.resumed'
  | 'function.archived'
  | 'function.restored'
  | 'function.deletion_scheduled'
  | 'function.deletion_cancelled'
  | 'function.deleted'
  | 'function.failing'
  | 'function.recovered'
  | 'cron.missed'
  | 'cron.skipped_overlap'
  | 'command.received'
  | 'command.finished'
  | 'execution.called'
  | 'execution.cancelled'
  | 'execution.rerun'
  | 'executions.cancelled'
  | 'executions.rerun'
  | 'variable.set'
  | 'variable.removed'
  | 'token.created'
  | 'token.revoked'
  | 'key.created'
  | 'key.revoked'
  | 'pull_request.held'
  | 'merge_group.requested'

export interface Event {
  type: EventType
  repositoryId: number
  environmentId?: string
  /** The build concerned, or the one live in the environment when it happened: its reports show what changed. */
  buildId?: string | null
  functionId?: string
  /** Of the preview concerned, if it is one. */
  pullNumber?: number | null
  /** A GitHub login, or "sluice" for what the platform did by itself. */
  actor?: string
  /** Through what it was asked for; left out where nobody asked. */
  via?: Via
  data?: Record<string, unknown>
}

/** One thing kept up to date outside: `kind` names the reporter, `subject` what it reports about. */
export interface ReportTarget {
  kind: string
  subject: string
}
