// The connection pool. `Db` is the pool or a transaction that stands for it, `Pool` the pool itself, `Tx` one transaction of it;
// a store takes any. drizzle turns PostgreSQL's dates and JSON back into values for its own queries only: rows of raw `sql` are
// parsed where they are read.
import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import { createAttempts } from './attempts.ts'
import { guardTransactions } from './connection-loss.ts'
import { sentAtOnce, socketOpener } from './open-socket.ts'
import * as schema from './schema.ts'

export type Db = PostgresJsDatabase<typeof schema>
export type Pool = Db & { $client: postgres.Sql }
export type Tx = Parameters<Parameters<Db['transaction']>[0]>[0]

export interface Database {
  db: Pool
  /** The driver itself: for LISTEN, and for what must not wait behind the pool. */
  driver: postgres.Sql
  close(): Promise<void>
}

export interface ConnectOptions {
  max: number
  name: string
  /** For statements that are planned once (statement.ts), and must find their rows by an index always. */
  planning?: 'by index'
  /** For how long nothing may be heard while an answer is owed; 0: for ever. No statement of ours but a migration takes so long. */
  answerWithinMs?: number
  /** For one that listens: what it hears, and that a connection was lost (listen.ts). */
  notified?: (channel: string, payload: string) => void
  lost?: () => void
}

const usuallyWithinMs = 120_000

/**
 * For connections that plan a statement once and run it for days. The plan must not be one for the size its tables happened to
 * have then: rows by an index, whatever the statistics say. A queue is empty when a worker starts, and a
 * plan that reads all of an empty table reads a million rows later (RELIABILITY.md, finding 10).
 */
const byIndex = {
  plan_cache_mode: 'force_generic_plan',
  enable_seqscan: 'off',
  enable_bitmapscan: 'off',
  enable_mergejoin: 'off',
  jit: 'off',
}

/** Of a process that stands still: what it has locked is free again, and old rows can be removed (RELIABILITY.md F45). */
const idleInTransactionMs = 60_000

/** `url` may name a unix socket's folder: postgres://user@localhost/name?host=/folder. Connects at the first query. */
export function connect(url: string, options: ConnectOptions): Database {
  const parsed = new URL(url)
  const folder = parsed.searchParams.get('host')
  parsed.searchParams.delete('host')
  const attempts = createAttempts()
  const settings = {
    max: options.max,
    ...(folder?.startsWith('/') ? { path: `${folder}/.s.PGSQL.${parsed.port || 5432}` } : {}),
    connection: {
      application_name: options.name,
      TimeZone: 'UTC',
      idle_in_transaction_session_timeout: idleInTransactionMs,
      ...sentAtOnce,
      ...(options.planning === 'by index' ? byIndex : {}),
    },
    connect_timeout: 10,
    onnotice: () => {},
    backoff: attempts.waitSeconds,
    ...(options.lost ? { max_lifetime: null, onclose: options.lost } : {}),
    // Which its types do not know.
    socket: socketOpener(options.answerWithinMs ?? usuallyWithinMs, attempts),
    onnotify: options.notified,
  }
  const driver = postgres(parsed.href, settings)
  guardTransactions(driver)
  return {
    db: drizzle(driver, { schema, casing: 'snake_case' }),
    driver,
    close: () => driver.end({ timeout: 5 }),
  }
}
