// SQL of whether a page would look otherwise by now: a word that is another one whenever what the page shows has changed. Each is a few
// looks into indexes, for it is asked every second.
import { type SQL, sql } from 'drizzle-orm'
import type { Db } from '../../db/client.ts'

async function word(db: Db, query: SQL): Promise<string> {
  const [row] = await db.execute<{ word: string | null }>(query)
  return row?.word ?? ''
}

export function wordOfEnvironment(db: Db, environmentId: string): Promise<string> {
  return word(
    db,
    sql`
      select concat_ws(' ',
        (select max(id) from events where environment_id = ${environmentId}),
        (select max(sequence) from live_executions where environment_id = ${environmentId}),
        (select concat(count(*), ' ', max(l.attempt_started_at)) from functions f
          join live_executions l on l.function_id = f.id and l.state in ('running', 'aborting')
          where f.environment_id = ${environmentId}),
        (select max(sequence) from finished_executions where environment_id = ${environmentId})
      ) as word`,
  )
}

export function wordOfExecution(db: Db, environmentId: string, id: string): Promise<string> {
  return word(
    db,
    sql`
      select concat_ws(' ',
        (select concat(state, attempt, updated_at) from executions where environment_id = ${environmentId} and id = ${id}),
        (select count(*) from attempt_logs where execution_id = ${id})
      ) as word`,
  )
}

export function wordOfBuild(db: Db, environmentId: string, number: number): Promise<string> {
  return word(
    db,
    sql`
      select concat_ws(' ', b.state, jsonb_array_length(b.stages), b.finished_at,
        (select max(sequence) from build_logs where build_id = b.id),
        (select active_build_id from environments where id = b.environment_id)
      ) as word
      from builds b where b.environment_id = ${environmentId} and b.number = ${number}`,
  )
}

export function wordOfAll(db: Db): Promise<string> {
  return word(db, sql`select max(id)::text as word from events`)
}
