// The connection pool. `Db` is the pool, `Tx` one transaction of it; a store takes either. drizzle turns PostgreSQL's dates
// and JSON back into values for its own queries only: rows of raw `sql` are parsed where they are read.
import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import { guardTransactions, openSocket } from './connection-loss.ts'
import * as schema from './schema.ts'

export type Db = PostgresJsDatabase<typeof schema>
export type Tx = Parameters<Parameters<Db['transaction']>[0]>[0]

export interface Database {
  db: Db
  /** The driver itself: for LISTEN, and for what must not wait behind the pool. */
  driver: postgres.Sql
  close(): Promise<void>
}

/** `url` may name a unix socket's folder: postgres://user@localhost/name?host=/folder. Connects at the first query. */
export function connect(url: string, options: { max: number; name: string }): Database {
  const parsed = new URL(url)
  const folder = parsed.searchParams.get('host')
  parsed.searchParams.delete('host')
  const settings = {
    max: options.max,
    ...(folder?.startsWith('/') ? { path: `${folder}/.s.PGSQL.${parsed.port || 5432}` } : {}),
    connection: { application_name: options.name, TimeZone: 'UTC' },
    connect_timeout: 10,
    onnotice: () => {},
    socket: openSocket, // which its types do not know
  }
  const driver = postgres(parsed.href, settings)
  guardTransactions(driver)
  return {
    db: drizzle(driver, { schema, casing: 'snake_case' }),
    driver,
    close: () => driver.end({ timeout: 5 }),
  }
}
