// A workflow's token for a key that lasts a quarter of an hour and acts in one environment. No secret is stored anywhere for it.
import type { Pool } from '../../db/client.ts'
import { AppError } from '../../errors.ts'
import { makeKey } from '../keys/key.ts'
import { insertKey } from '../keys/keys-store.ts'
import type { Claims } from './claims.ts'
import { findRepositoryOf, forgetExpiredKeys, listLandings, useOnce } from './oidc-store.ts'
import { decide } from './rules.ts'

export const keySeconds = 900
/** The clocks may differ by a minute, and a token is taken that much after its end. */
const rememberMs = 120_000

export interface Exchanged {
  key: string
  environment: string
  role: 'write'
  expiresInSeconds: number
}

/** @throws AppError `unauthorized` or `forbidden`, with what is wrong. */
export async function exchange(db: Pool, claims: Claims, asked: string | undefined): Promise<Exchanged> {
  const repository = await findRepositoryOf(
    db,
    Number(claims.repository_id),
    Number(claims.repository_owner_id),
  )
  if (!repository)
    throw new AppError(
      'unauthorized',
      `The repository with the id ${claims.repository_id} of the owner ${claims.repository_owner_id} is not known here. "${claims.repository}" may be another one of the same name; names do not count. Install the GitHub App on it.`,
    )
  const decision = decide(claims, await listLandings(db, repository.id), asked)
  if (decision.kind === 'refused') throw new AppError('forbidden', decision.message)
  const { environment } = decision
  const { key, ...made } = makeKey()
  await db.transaction(async tx => {
    if (!(await useOnce(tx, claims.jti, new Date(claims.exp * 1_000 + rememberMs))))
      throw new AppError('unauthorized', 'This token was exchanged before; ask for a new one.')
    await forgetExpiredKeys(tx, repository.id)
    await insertKey(tx, {
      ...{ ...made, repositoryId: repository.id, environmentId: environment.id, role: 'write' },
      ...{ name: `${claims.actor} (workflow run ${claims.run_id})`, validSeconds: keySeconds },
      exchanged: true,
    })
  })
  return { key, environment: environment.name, role: 'write', expiresInSeconds: keySeconds }
}
