// Finished executions straight into their table.
import { sql } from 'drizzle-orm'
import type { Db } from '../../src/db/client.ts'

interface Some {
  amount: number
  state: 'succeeded' | 'failed'
  ms: number
  at: Date
}

export async function insertFinished(
  db: Db,
  environmentId: string,
  one: { id: string; activeVersionId?: string | null },
  { amount, state, ms, at }: Some,
): Promise<void> {
  const end = at.toISOString()
  const error = state === 'failed' ? JSON.stringify({ name: 'Error', message: 'it failed' }) : null
  await db.execute(sql`
    insert into finished_executions (
      id, function_id, environment_id, state, arguments, error, version_id, attempt, attempt_state, attempt_reason,
      attempt_started_at, started_at, finished_at
    )
    select gen_random_uuid(), ${one.id}, ${environmentId}, ${state}, '[]', ${error}, ${one.activeVersionId ?? null}::uuid, 1,
      ${state}, 'first', ${end}::timestamptz - make_interval(secs => ${ms / 1_000}),
      ${end}::timestamptz - make_interval(secs => ${ms / 1_000}), ${end}
    from generate_series(1, ${amount})
  `)
}
