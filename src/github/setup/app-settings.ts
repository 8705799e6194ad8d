// The App that GitHub made for us in the manifest flow, kept sealed in the settings table.
import { eq, sql } from 'drizzle-orm'
import { z } from 'zod'
import type { GithubApp } from '../../config.ts'
import type { Db } from '../../db/client.ts'
import { settings } from '../../db/schema.ts'
import { seal, unseal } from '../../sealed.ts'

const key = 'github app'
const Stored = z.object({
  appId: z.number(),
  privateKey: z.string(),
  webhookSecret: z.string(),
  clientId: z.string().nullable(),
  clientSecret: z.string().nullable(),
})

export async function loadApp(db: Db, masterKey: string): Promise<GithubApp | null> {
  const [row] = await db.select().from(settings).where(eq(settings.key, key))
  return row ? Stored.parse(JSON.parse(unseal(masterKey, key, row.value))) : null
}

/** False: there is one already; a second set-up changes nothing. */
export async function saveApp(db: Db, masterKey: string, app: GithubApp): Promise<boolean> {
  const value = seal(masterKey, key, JSON.stringify(app))
  const rows = await db
    .insert(settings)
    .values({ key, value, updatedAt: sql`now()` })
    .onConflictDoNothing()
    .returning({ key: settings.key })
  return rows.length > 0
}
