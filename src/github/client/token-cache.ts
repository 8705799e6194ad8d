// GitHub's tokens for installations, good for an hour: kept in the database, sealed, so that all processes share one and a
// restart makes none. In the shape that @octokit/auth-app asks of a cache. One that does not open (another master key) is as
// good as none.
import type { Db } from '../../db/client.ts'
import { seal, unseal } from '../../sealed.ts'
import { deleteTokens, findToken, saveToken } from './limits-store.ts'

export interface TokenCache {
  get(key: string): Promise<string | undefined>
  set(key: string, value: string): Promise<void>
  /** It was refused, or what the installation may do has changed: a token keeps the rights it was made with. */
  forget(installationId: number): Promise<void>
}

const belongsTo = (key: string) => `installation token ${key}`
/** As auth-app writes it: token|createdAt|expiresAt|… */
const expiryOf = (value: string) => new Date(value.split('|')[2] ?? Number.NaN)

export function createTokenCache(db: Db, masterKey: string): TokenCache {
  return {
    async get(key) {
      const sealed = await findToken(db, key)
      if (sealed === null) return undefined
      try {
        return unseal(masterKey, belongsTo(key), sealed)
      } catch {
        return undefined
      }
    },
    async set(key, value) {
      const expiresAt = expiryOf(value)
      if (Number.isNaN(expiresAt.getTime())) return
      await saveToken(db, { key, sealed: seal(masterKey, belongsTo(key), value), expiresAt })
    },
    forget: installationId => deleteTokens(db, installationId),
  }
}
