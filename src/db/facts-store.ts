// SQL of what the operator of the database has to know: what keeps it from cleaning up, and how many transactions it has left.
import { sql } from 'drizzle-orm'
import type { Db } from './client.ts'

export type OldTransaction = {
  /** Null: a prepared one, which belongs to no connection. */
  pid: number | null
  /** Of the connection, or the name it was prepared under. */
  name: string
  state: string
  seconds: number
}

export interface DatabaseFacts {
  /** The one that has been keeping old rows from being removed for the longest time. */
  oldest: OldTransaction | null
  /** Transactions since the oldest that is not frozen, and how many there may be before PostgreSQL freezes by force. */
  age: number
  freezeAt: number
}

type Row = OldTransaction & { age: number; freezeAt: number }

export async function databaseFacts(db: Db): Promise<DatabaseFacts> {
  const [row] = await db.execute<Row>(sql`
    with old as (
      select pid, application_name as name, coalesce(state, '') as state, xact_start as since
      from pg_stat_activity
      where backend_type = 'client backend' and pid <> pg_backend_pid() and xact_start is not null
        and (backend_xmin is not null or backend_xid is not null)
      union all
      select null, gid, 'prepared', prepared from pg_prepared_xacts
    )
    select
      old.pid, old.name, old.state,
      extract(epoch from now() - old.since)::float8 as seconds,
      age(d.datfrozenxid)::float8 as age,
      current_setting('autovacuum_freeze_max_age')::float8 as "freezeAt"
    from pg_database d
    left join (select * from old order by since limit 1) old on true
    where d.datname = current_database()
  `)
  if (!row) throw new Error('pg_database has no row of this database')
  const { age, freezeAt, ...oldest } = row
  return { oldest: oldest.state === null ? null : oldest, age, freezeAt }
}
