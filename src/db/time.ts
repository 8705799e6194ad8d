// PostgreSQL's clock: the one clock that all machines share.
import { sql } from 'drizzle-orm'
import type { Db } from './client.ts'

export async function databaseTime(db: Db): Promise<Date> {
  const [row] = await db.execute<{ now: string }>(sql`select now()::text as now`)
  if (!row) throw new Error('now() gave no row')
  return new Date(row.now)
}
