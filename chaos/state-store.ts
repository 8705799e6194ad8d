// What Sluice's database says of executions and their attempts: the only place of chaos that knows its tables. Read over a
// connection of our own, past the proxies.
import { sql } from 'drizzle-orm'
import { connect, type Db } from '../src/db/client.ts'

export interface ExecutionRow {
  id: string
  /** The first argument of the call; of cron's executions ''. */
  key: string
  function: string
  state: string
  crashes: number
  error: string | null
  createdMs: number
  finishedMs: number | null
}

export interface AttemptRow {
  executionId: string
  number: number
  state: string
  reason: string
  workerPid: number
  /** The commit whose code it ran. */
  sha: string
  startedMs: number
  finishedMs: number | null
}

export interface StateStore {
  executions(): Promise<ExecutionRow[]>
  attempts(): Promise<AttemptRow[]>
  /** How many have not finished. */
  unfinished(): Promise<number>
  functionState(name: string): Promise<string | null>
  /** Connections of Sluice in a transaction, and advisory locks of anybody. */
  heldOpen(): Promise<string[]>
  /** Tables whose text holds one of these. */
  leaks(secrets: readonly string[]): Promise<string[]>
  close(): Promise<void>
}

export function openState(url: string): StateStore {
  const database = connect(url, { max: 2, name: 'chaos' })
  const { db } = database
  return {
    executions: () => executionsOf(db),
    attempts: () => attemptsOf(db),
    async unfinished() {
      const [row] = await db.execute<{ amount: number }>(
        sql`select count(*)::int as amount from live_executions`,
      )
      return row?.amount ?? 0
    },
    async functionState(name) {
      const [row] = await db.execute<{ state: string }>(
        sql`select state from functions where name = ${name} order by created_at desc limit 1`,
      )
      return row?.state ?? null
    },
    heldOpen: () => heldOpenIn(db),
    leaks: secrets => leaksIn(db, secrets),
    close: () => database.close(),
  }
}

const ms = (column: string) => sql.raw(`(extract(epoch from ${column}) * 1000)::float8`)

async function executionsOf(db: Db): Promise<ExecutionRow[]> {
  return [
    ...(await db.execute<ExecutionRow & Record<string, unknown>>(sql`
      select e.id, coalesce(case when e.arguments like '[%' then e.arguments::jsonb ->> 0 end, '') as key, f.name as function, e.state, e.crashes, e.error,
        ${ms('e.created_at')} as "createdMs", ${ms('e.finished_at')} as "finishedMs"
      from executions e
      join functions f on f.id = e.function_id
    `)),
  ]
}

/** Those that ended are kept in their execution's row, the one under way in its columns. */
async function attemptsOf(db: Db): Promise<AttemptRow[]> {
  return [
    ...(await db.execute<AttemptRow & Record<string, unknown>>(sql`
      with attempt as (
        select e.id, (one ->> 'number')::int as number, one ->> 'state' as state, one ->> 'reason' as reason,
          (one ->> 'versionId')::uuid as version_id, one ->> 'workerId' as worker_id,
          (one ->> 'startedAt')::timestamptz as started_at, (one ->> 'finishedAt')::timestamptz as finished_at
        from executions e
        cross join jsonb_array_elements(e.attempts) one
        union all
        select id, attempt, 'running', attempt_reason, version_id, worker_id, attempt_started_at, null
        from live_executions
        where state in ('running', 'aborting')
      )
      select a.id as "executionId", a.number, a.state, a.reason, b.sha,
        split_part(a.worker_id, '/', 2)::int as "workerPid",
        ${ms('a.started_at')} as "startedMs", ${ms('a.finished_at')} as "finishedMs"
      from attempt a
      join versions v on v.id = a.version_id
      join builds b on b.id = v.build_id
      order by a.id, a.number
    `)),
  ]
}

async function heldOpenIn(db: Db): Promise<string[]> {
  const rows = await db.execute<{ what: string }>(sql`
    select application_name || ' is ' || state as what
    from pg_stat_activity
    where pid <> pg_backend_pid() and datname = current_database() and state like 'idle in transaction%'
    union all
    select 'advisory lock ' || objid from pg_locks where locktype = 'advisory'
  `)
  return rows.map(row => row.what)
}

async function leaksIn(db: Db, secrets: readonly string[]): Promise<string[]> {
  const tables = await db.execute<{ name: string }>(sql`
    select format('%I.%I', schemaname, tablename) as name
    from pg_tables where schemaname not in ('pg_catalog', 'information_schema')
  `)
  const found: string[] = []
  for (const { name } of tables) {
    const [row] = await db.execute(sql`
      select from ${sql.raw(name)} one
      where exists (select from unnest(${sql.param([...secrets])}::text[]) secret where strpos(one::text, secret) > 0)
      limit 1
    `)
    if (row) found.push(name)
  }
  return found
}
