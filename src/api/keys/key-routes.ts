// Keys by program: which there are, a new one, the end of one. A key makes none that reaches further or lasts longer than itself, so
// that nobody makes one for ever of one for an hour.
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import type { Db } from '../../db/client.ts'
import { parseDuration } from '../../duration.ts'
import { findEnvironmentByName } from '../../environments/store.ts'
import { AppError } from '../../errors.ts'
import type { LifecycleContext } from '../lifecycle/context.ts'
import { answers } from '../lifecycle/route.ts'
import { makeKey } from './key.ts'
import { type ApiKey, insertKey } from './keys-store.ts'
import { endKey, findKeyBy, keysWithin, type SeenKey } from './listed-keys-store.ts'
import { KeyBody, KeyList, KeyPath, MakeKeyBody, NewKeyBody } from './shapes.ts'

const tags = ['keys']

const keyBody = ({ createdAt, expiresAt, lastUsedAt, revokedAt, ...rest }: SeenKey) => ({
  ...rest,
  created_at: createdAt.toISOString(),
  expires_at: expiresAt?.toISOString() ?? null,
  last_used_at: lastUsedAt?.toISOString() ?? null,
  revoked_at: revokedAt?.toISOString() ?? null,
})

/** In seconds; null: for ever. */
function lifetime(maker: ApiKey, asked: string | undefined, now: Date): number | null {
  const wanted = asked === undefined ? null : parseDuration(asked)
  const left = maker.expiresAt === null ? null : (maker.expiresAt.getTime() - now.getTime()) / 1_000
  if (wanted === null || left === null) return wanted ?? left
  return Math.min(wanted, left)
}

async function reachOf(db: Db, maker: ApiKey, named: string | undefined): Promise<string | null> {
  if (named === undefined) return maker.environmentId
  const found = await findEnvironmentByName(db, maker.repositoryId, named)
  const isWithin = maker.environmentId === null || maker.environmentId === found?.id
  if (found && found.closedAt === null && isWithin) return found.id
  throw new AppError('not_found', `There is no open environment "${named}" for this key.`)
}

export function keyRoutes({ core: { db }, keyOf }: LifecycleContext): FastifyPluginCallbackZod {
  return (api, _options, done) => {
    const admin = { config: { role: 'admin' } } as const
    api.get(
      '/keys',
      { ...admin, schema: { tags, summary: 'Keys, as far as this one reaches', response: answers(KeyList) } },
      async request => ({ keys: (await keysWithin(db, keyOf(request))).map(keyBody) }),
    )
    api.post(
      '/keys',
      {
        ...admin,
        schema: {
          ...{ tags, summary: 'A new key, shown once', body: MakeKeyBody },
          response: { ...answers(NewKeyBody), 201: NewKeyBody },
        },
      },
      async (request, reply) => {
        const maker = keyOf(request)
        const { name, role, environment, expires_in } = request.body
        const environmentId = await reachOf(db, maker, environment)
        const { key, prefix, hash } = makeKey()
        const validSeconds = lifetime(maker, expires_in, new Date())
        const { repositoryId } = maker
        await insertKey(db, {
          ...{ repositoryId, environmentId, role, prefix, hash, validSeconds },
          name: name ?? prefix,
        })
        const stored = await findKeyBy(db, maker, { hash })
        if (!stored) throw new AppError('internal', 'The new key was not found again.')
        return reply.code(201).send({ ...keyBody(stored), key })
      },
    )
    api.delete(
      '/keys/:id',
      {
        ...admin,
        schema: { tags, summary: 'Ends a key', params: KeyPath, response: answers(KeyBody) },
      },
      async request => {
        const reach = keyOf(request)
        const { id } = request.params
        await endKey(db, reach, id)
        const ended = await findKeyBy(db, reach, { id })
        if (!ended) throw new AppError('not_found', `There is no key ${id} that this one reaches.`)
        return keyBody(ended)
      },
    )
    done()
  }
}
