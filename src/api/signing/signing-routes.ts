// Signing keys of a function: a new one, which there are, another secret for one, its end. Whoever has one can call the function, so
// making and ending them is an admin's.
import { randomUUID } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { AppError } from '../../errors.ts'
import { environmentOf } from '../lifecycle/caller.ts'
import type { LifecycleContext } from '../lifecycle/context.ts'
import { findShown } from '../lifecycle/lifecycle-store.ts'
import { answers } from '../lifecycle/route.ts'
import { InEnvironment } from '../lifecycle/shapes.ts'
import { timeOf } from '../lifecycle/wire.ts'
import { makeSecret } from './secret.ts'
import * as shapes from './shapes.ts'
import * as store from './signing-store.ts'

const tags = ['keys']

const timeOrNull = (date: Date | null) => date && timeOf(date)

function bodyOf(key: store.SigningKey) {
  return {
    ...{ id: key.id, function_id: key.functionId, name: key.name, validity: key.validity },
    created_at: timeOf(key.createdAt),
    expires_at: timeOrNull(key.expiresAt),
    rolled_at: timeOrNull(key.rolledAt),
    last_used_at: timeOrNull(key.lastUsedAt),
    revoked_at: timeOrNull(key.revokedAt),
  }
}

export function signingRoutes({ core, masterKey, keyOf }: LifecycleContext): FastifyPluginCallbackZod {
  const { db } = core
  const here = (request: FastifyRequest) => environmentOf(db, keyOf(request), request)

  async function functionNamed(request: FastifyRequest, id: string) {
    const environment = await here(request)
    const one = await findShown(db, environment.id, id)
    if (one) return one
    throw new AppError('not_found', `There is no function ${id} in ${environment.name}.`)
  }

  async function keyNamed(request: FastifyRequest, id: string) {
    const environment = await here(request)
    return existing(await store.findSigningKey(db, environment.id, id), id)
  }

  return (api, _options, done) => {
    const admin = { config: { role: 'admin' } } as const
    const about = { tags, querystring: InEnvironment }
    api.post(
      '/apikey/generate',
      {
        ...admin,
        schema: {
          ...{ ...about, summary: 'A new signing key of a function; its secret is shown once' },
          body: shapes.GenerateBody,
          response: { ...answers(shapes.NewSigningKeyBody), 201: shapes.NewSigningKeyBody },
        },
      },
      async (request, reply) => {
        const { function_id, validity, name = null } = request.body
        const one = await functionNamed(request, function_id)
        const id = randomUUID()
        const { secret, sealed } = makeSecret(masterKey, id)
        const made = await store.insertSigningKey(db, { id, functionId: one.id, name, sealed, validity })
        return reply.code(201).send({ ...bodyOf(existing(made, id)), secret })
      },
    )
    api.get(
      '/apikey/:function_id/list',
      {
        config: { role: 'read' },
        schema: {
          ...{ ...about, summary: 'Signing keys of a function', params: shapes.KeysPath },
          response: answers(shapes.SigningKeyList),
        },
      },
      async request => {
        const one = await functionNamed(request, request.params.function_id)
        const keys = await store.listSigningKeys(db, one.id)
        return { keys: keys.map(bodyOf), count: keys.length }
      },
    )
    api.put(
      '/apikey/:id/roll',
      {
        ...admin,
        schema: {
          ...{ ...about, summary: 'Another secret under the same id, at once', params: shapes.KeyPath },
          response: answers(shapes.NewSigningKeyBody),
        },
      },
      async request => {
        const key = await keyNamed(request, request.params.id)
        const { secret, sealed } = makeSecret(masterKey, key.id)
        return { ...bodyOf(existing(await store.replaceSecret(db, key, sealed), key.id)), secret }
      },
    )
    api.delete(
      '/apikey/:id',
      {
        ...admin,
        schema: {
          ...{ ...about, summary: 'Ends a signing key', params: shapes.KeyPath },
          response: answers(shapes.SigningKeyBody),
        },
      },
      async request => {
        const key = await keyNamed(request, request.params.id)
        return bodyOf(existing(await store.revokeSigningKey(db, key.id), key.id))
      },
    )
    done()
  }
}

function existing(key: store.SigningKey | null, id: string): store.SigningKey {
  if (key) return key
  throw new AppError('not_found', `There is no signing key ${id} here, or it was revoked.`)
}
