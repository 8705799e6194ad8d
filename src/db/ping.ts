// Whether the database answers: what /readyz tells.
import { sql } from 'drizzle-orm'
import { AppError, messageOf } from '../errors.ts'
import type { Db } from './client.ts'

/** @throws AppError `unavailable`. */
export async function pingDatabase(db: Db): Promise<void> {
  try {
    await db.execute(sql`select 1`)
  } catch (error) {
    throw new AppError('unavailable', `The database does not answer: ${messageOf(error)}`)
  }
}
