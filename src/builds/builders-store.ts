// SQL of which builders there are: of each channel the version that was started last, wherever that was.
import { like, sql } from 'drizzle-orm'
import type { Db, Tx } from '../db/client.ts'
import { settings } from '../db/schema.ts'

const prefix = 'builder.'

export async function noteBuilder(db: Db, channel: string, version: string): Promise<void> {
  await db
    .insert(settings)
    .values({ key: prefix + channel, value: version })
    .onConflictDoUpdate({ target: settings.key, set: { value: version, updatedAt: sql`now()` } })
}

/** By channel. */
export async function builderVersions(db: Db | Tx): Promise<Map<string, string>> {
  const rows = await db
    .select()
    .from(settings)
    .where(like(settings.key, `${prefix}%`))
  return new Map(rows.map(({ key, value }) => [key.slice(prefix.length), value]))
}
