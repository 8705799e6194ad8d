// The one shape in which an attempt that is over is kept, as SQL over the columns of its execution's row.
import { type SQL, sql } from 'drizzle-orm'

interface End {
  state: SQL
  finishedAt: SQL
  error: SQL
  code: SQL
}

/** An EndedAttempt. */
export function endedAttempt({ state, finishedAt, error, code }: End): SQL {
  return sql`jsonb_build_object(
  'number', attempt, 'state', ${state}, 'reason', attempt_reason, 'versionId', version_id, 'workerId', worker_id,
  'startedAt', attempt_started_at, 'finishedAt', ${finishedAt}, 'error', ${error}, 'code', ${code}
)`
}
