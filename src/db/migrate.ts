// Brings the database to this program's schema: ours from drizzle/, then pg-boss's. Two at once: one works, the other waits
// on an advisory lock and finds nothing left to do. A statement that cannot get its lock within a moment gives up and the
// whole is tried again, so that a migration never queues everybody behind a long transaction (RELIABILITY.md F55).
// Programs of the version before go on working on what the next one made of the database, and may be started on it again: a migration
// adds, and what it leaves unused a later one takes away. One that cannot keep that says so, in its SQL:
//   comment on table drizzle.__drizzle_migrations is 'needs 12 migrations';
// Programs that know fewer refuse to start on it.
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { sql } from 'drizzle-orm'
import { readMigrationFiles } from 'drizzle-orm/migrator'
import { migrate as applyMigrations } from 'drizzle-orm/postgres-js/migrator'
import { AppError, messageOf } from '../errors.ts'
import { connect } from './client.ts'
import { installJobs } from './jobs.ts'
import { sqlStateOf } from './sql-state.ts'

const migrationsFolder = fileURLToPath(new URL('../../drizzle', import.meta.url))
const lockKey = 8_213_470_001 // any number, ours: "sluice migrate"
const lockTimeout = '200ms'
const tries = 50
const lockNotAvailable = '55P03'

/** Resolves to how many of our migrations it applied. */
export async function migrate(url: string, folder = migrationsFolder): Promise<number> {
  const { db, close } = connect(url, { max: 1, name: 'sluice migrate', answerWithinMs: 0 })
  try {
    await db.execute(sql`select pg_advisory_lock(${lockKey})`)
    await db.execute(sql`select set_config('lock_timeout', ${lockTimeout}, false)`)
    const before = await applied(db)
    if (before > 0) await refuseNewer(db, readMigrationFiles({ migrationsFolder: folder }).length)
    await withRetries(() => applyMigrations(db, { migrationsFolder: folder }))
    await installJobs(url)
    return (await applied(db)) - before
  } finally {
    await close()
  }
}

/** How many of this program's migrations are not applied. */
export async function missingMigrations(db: Connection): Promise<number> {
  return Math.max(0, readMigrationFiles({ migrationsFolder }).length - (await applied(db)))
}

type Connection = ReturnType<typeof connect>['db']

async function applied(db: Connection): Promise<number> {
  const [table] = await db.execute<{ name: string | null }>(
    sql`select to_regclass('drizzle.__drizzle_migrations')::text as name`,
  )
  if (!table?.name) return 0
  const [row] = await db.execute<{ count: number }>(
    sql`select count(*)::int as count from drizzle.__drizzle_migrations`,
  )
  return row?.count ?? 0
}

/** @throws AppError `misconfigured`. */
async function refuseNewer(db: Connection, known: number): Promise<void> {
  const [row] = await db.execute<{ comment: string | null }>(
    sql`select obj_description('drizzle.__drizzle_migrations'::regclass) as comment`,
  )
  const needed = Number(/needs (\d+) migrations/.exec(row?.comment ?? '')?.[1] ?? 0)
  if (needed > known)
    throw new AppError(
      'misconfigured',
      `The database belongs to a newer Sluice: it needs a program of ${needed} migrations, and this one has ${known}. Start the newer one; there is no way back but a backup.`,
    )
}

async function withRetries(work: () => Promise<void>): Promise<void> {
  for (let round = 1; ; round++) {
    try {
      return await work()
    } catch (error) {
      if (sqlStateOf(error) !== lockNotAvailable) throw error
      if (round === tries)
        throw new AppError(
          'unavailable',
          `Migration gave up after ${tries} tries: ${messageOf(error)}. A transaction holds a table for long; end it and run "sluice migrate" again.`,
        )
      await sleep(100 + Math.random() * 200)
    }
  }
}
