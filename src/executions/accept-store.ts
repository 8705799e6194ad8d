// SQL by which calls are accepted: the part that a single call and many at once share. A priority is an earlier place in the
// queue: the order in which calls are claimed is that of `due_at`, and knows of nothing else.
import { type SQL, sql } from 'drizzle-orm'

export const liveColumns = sql.raw(
  'function_id, environment_id, arguments, metadata, schedule_for, due_at, discard_after, executed_by, rerun_of',
)
/** What is scheduled for later must not be due before: its priority does not count. */
const dueAt = `case when schedule_for > now() then schedule_for else schedule_for - make_interval(secs => priority) end`
export const liveValues = sql.raw(
  `function_id, environment_id, arguments, metadata, schedule_for, ${dueAt}, discard_after, executed_by, rerun_of`,
)
const stored = sql.raw('id, sequence, function_id, state, schedule_for, created_at, updated_at')
const tooLate = sql`discard_after <= greatest(schedule_for, now())`

/**
 * CTEs that store the rows of `call`, in its order, and end in `accepted`. What could only start after it has to be
 * discarded is discarded at once; `mayBeLate` says whether that can be.
 */
export function acceptedCalls(mayBeLate: boolean): SQL {
  const live = (condition: SQL) => sql`
    insert into live_executions (${liveColumns}) select ${liveValues} from call ${condition} returning ${stored}
  `
  if (!mayBeLate) return sql`accepted as (${live(sql``)})`
  return sql`
    queued as (${live(sql`where ${tooLate} is not true`)}),
    late as (
      insert into finished_executions (id, state, ${liveColumns})
      select gen_random_uuid(), 'discarded', ${liveValues} from call where ${tooLate}
      returning ${stored}
    ),
    accepted as (select * from queued union all select * from late)
  `
}
