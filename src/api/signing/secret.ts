// The secret of a signing key: 256 random bits. Unlike other keys it cannot be kept as a digest, as signatures are made with it: it
// is sealed, for its key alone.
import { randomBytes } from 'node:crypto'
import { and, asc, eq, gt } from 'drizzle-orm'
import { signingKeys } from '../../db/schema.ts'
import type { SealedPlace } from '../../resealing.ts'
import { seal, unseal } from '../../sealed.ts'

const belongsTo = (id: string) => `signing key ${id}`

export function makeSecret(masterKey: string, id: string): { secret: string; sealed: string } {
  const secret = `sls_${randomBytes(32).toString('base64url')}`
  return { secret, sealed: seal(masterKey, belongsTo(id), secret) }
}

export function openSecret(masterKey: string, id: string, sealed: string): string {
  return unseal(masterKey, belongsTo(id), sealed)
}

export const sealedSigningKeys: SealedPlace = {
  what: 'signing keys',
  async rows(db, after, limit) {
    const rows = await db
      .select({ id: signingKeys.id, sealed: signingKeys.sealed })
      .from(signingKeys)
      .where(after === null ? undefined : gt(signingKeys.id, after))
      .orderBy(asc(signingKeys.id))
      .limit(limit)
    return rows.map(row => ({ ...row, belongsTo: belongsTo(row.id) }))
  },
  async replace(db, row, sealed) {
    await db
      .update(signingKeys)
      .set({ sealed })
      .where(and(eq(signingKeys.id, row.id), eq(signingKeys.sealed, row.sealed)))
  },
}
