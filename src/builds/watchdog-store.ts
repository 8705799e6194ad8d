// SQL of the watchdog: every build under way, and whether anybody stands for it. pg-boss has no question for that, so its table is
// read here, in the same statement: a job is made in the transaction of its build.
import { sql } from 'drizzle-orm'
import type { Db } from '../db/client.ts'
import type { UnderWay } from './overdue.ts'

/** Few rows, whatever was ever built: builds that are not finished have an index of their own. */
export async function listUnderWay(db: Db): Promise<UnderWay[]> {
  const rows = await db.execute<{
    id: string
    age: number
    worked: number | null
    has_job: boolean
    moves: boolean
  }>(sql`
    with jobs as materialized (
      select name, state, data->>'buildId' as build_id from pgboss.job
      where (name = 'build' or name like 'build-%') and state in ('created', 'retry', 'active')
    ), moving as materialized (
      select distinct name from jobs where state = 'active'
    )
    select builds.id,
      extract(epoch from now() - builds.created_at)::float8 as age,
      extract(epoch from now() - builds.started_at)::float8 as worked,
      count(jobs.name) > 0 as has_job,
      count(moving.name) > 0 as moves
    from builds
    left join jobs on jobs.build_id = builds.id::text
    left join moving on moving.name = jobs.name
    where builds.finished_at is null
    group by builds.id
    order by builds.created_at`)
  return rows.map(({ id, age, worked, has_job, moves }) => ({
    id,
    ageSeconds: age,
    workedSeconds: worked,
    hasJob: has_job,
    queueMoves: moves,
  }))
}
