// What every table file of this folder shares: the words of the state columns, and the column shapes. Times are
// timestamptz from PostgreSQL's clock; ids of GitHub's things are GitHub's numbers, ours are uuids.
import { sql } from 'drizzle-orm'
import { bigint, check, type PgSequence, timestamp, uuid } from 'drizzle-orm/pg-core'

/** The words of each state column. The domains' states.ts say which may follow which; a test compares. */
export const buildStates = [
  'queued',
  'fetching',
  'installing',
  'generating',
  'compiling',
  'publishing',
  'succeeded',
  'failed',
  'cancelled',
  'superseded',
  'unchanged',
] as const
export const variableScopes = ['build', 'run', 'both'] as const
/** What a build is of: a commit, for all functions of its environment; or an archive that somebody uploaded, for one. */
export const buildKinds = ['commit', 'upload'] as const
/** Whose a function is: that of the code in the repository, or of whoever uploads it. */
export const functionOrigins = ['code', 'upload'] as const
/** What a key of the lifecycle API may do, the least first. */
export const keyRoles = ['read', 'write', 'admin'] as const
/** How long a key that signs calls is valid, as it is asked for. */
export const signingValidities = ['1h', '1d', '1w', '1m', 'forever'] as const
export const functionStates = ['init', 'building', 'active', 'pending_deletion', 'deleted'] as const
export const liveStates = ['queued', 'running', 'aborting'] as const
export const finishedStates = ['succeeded', 'failed', 'cancelled', 'aborted', 'discarded'] as const
export const executionStates = [...liveStates, ...finishedStates] as const
export const executedBys = ['api', 'cron', 'rerun', 'command'] as const
export const commandStates = ['received', 'done', 'noop', 'refused', 'failed'] as const
/** Through what somebody asked for what happened. */
export const eventVias = ['push', 'comment', 'button', 'api', 'console', 'slack'] as const
export const modes = ['normal', 'preparing_for_stop', 'safe_to_stop'] as const
export const environmentKinds = ['branch', 'preview'] as const
/** Why an environment was closed, where that was no person's word. */
export const closedBecauses = ['pull_closed', 'expired', 'evicted'] as const
export const overlayKinds = ['pause', 'pin'] as const
export const releaseKinds = ['deploy', 'rollback', 'resume', 'promote'] as const
export const deletionReasons = ['user_requested', 'stale_function', 'quota_exceeded'] as const
export const archiveReasons = ['removed_from_code', 'by_hand'] as const
export const errorCodes = ['ER0000', 'ER0001', 'ER0002', 'ER0003'] as const

/** How a function's alert ended: it works again, or there is nothing left that could fail. */
export const alertEnds = ['recovered', 'gone'] as const

export const oneOf = (name: string, column: string, words: readonly string[]) =>
  check(name, sql.raw(`${column} in (${words.map(word => `'${word}'`).join(', ')})`))
export const id = () => uuid().primaryKey().defaultRandom()
export const sequence = () => bigint({ mode: 'number' }).generatedAlwaysAsIdentity()
/** For tables that share one order. */
export const orderOf = ({ seqName }: PgSequence) =>
  bigint({ mode: 'number' })
    .notNull()
    .default(sql.raw(`nextval('${seqName}')`))
export const githubId = () => bigint({ mode: 'number' })
export const at = () => timestamp({ withTimezone: true, mode: 'date' })
export const createdAt = () => at().notNull().defaultNow()
