// The App that GitHub made for us in the manifest flow, kept sealed in the settings table.
import { z } from 'zod'
import type { GithubApp } from '../../config.ts'
import type { Db } from '../../db/client.ts'
import type { SealedPlace } from '../../resealing.ts'
import { seal, unseal } from '../../sealed.ts'
import { insertSetting, readSetting, replaceSetting } from '../store.ts'

const key = 'github app'
const Stored = z.object({
  appId: z.number(),
  privateKey: z.string(),
  webhookSecret: z.string(),
  clientId: z.string().nullable(),
  clientSecret: z.string().nullable(),
})

export async function loadApp(db: Db, masterKey: string): Promise<GithubApp | null> {
  const sealed = await readSetting(db, key)
  return sealed === null ? null : Stored.parse(JSON.parse(unseal(masterKey, key, sealed)))
}

/** False: there is one already; a second set-up changes nothing. */
export function saveApp(db: Db, masterKey: string, app: GithubApp): Promise<boolean> {
  return insertSetting(db, key, seal(masterKey, key, JSON.stringify(app)))
}

export const sealedApp: SealedPlace = {
  what: 'GitHub App',
  async rows(db, after) {
    const sealed = after === null ? await readSetting(db, key) : null
    return sealed === null ? [] : [{ id: key, belongsTo: key, sealed }]
  },
  replace: (db, row, sealed) => replaceSetting(db, key, row.sealed, sealed),
}
