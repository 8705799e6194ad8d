// Whether the database answers: what /readyz tells. In time, also where every connection is taken or silent (RELIABILITY.md F43).
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import { AppError, messageOf } from '../errors.ts'
import type { Db } from './client.ts'

const usuallyWithinMs = 5_000

/** @throws AppError `unavailable`. */
export async function pingDatabase(db: Db, withinMs = usuallyWithinMs): Promise<void> {
  const over = new AbortController()
  const late = sleep(withinMs, undefined, { signal: over.signal }).then(() => {
    throw new Error(`nothing came within ${withinMs / 1000} s`)
  })
  try {
    await Promise.race([db.execute(sql`select 1`), late])
  } catch (error) {
    throw new AppError('unavailable', `The database does not answer: ${messageOf(error)}`)
  } finally {
    late.catch(() => {})
    over.abort()
  }
}
