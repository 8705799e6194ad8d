// A function by program alone: it is initialised under a name, then each archive that is uploaded for it becomes a version.
import { createHash } from 'node:crypto'
import multipart from '@fastify/multipart'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { uploadLimits } from '../../builds/archive/refusals.ts'
import { deployUpload } from '../../builds/uploads/deploy-upload.ts'
import { readUploadEnv, sealEnv } from '../../builds/uploads/upload-env.ts'
import { AppError } from '../../errors.ts'
import { answerOnce } from '../../executions/once.ts'
import { initFunction } from '../../functions/init.ts'
import { environmentOf } from '../lifecycle/caller.ts'
import type { LifecycleContext } from '../lifecycle/context.ts'
import { findShown } from '../lifecycle/lifecycle-store.ts'
import { failures } from '../lifecycle/route.ts'
import { InEnvironment } from '../lifecycle/shapes.ts'
import { onceKeyOf } from '../once-key.ts'
import { checkArchive } from './check-archive.ts'
import { DeployForm, Deploying, ExistingFunction, InitBody, NewFunction } from './shapes.ts'
import { initBody } from './wire.ts'

const tags = ['deploying']
const form = {
  attachFieldsToBody: 'keyValues',
  limits: { fileSize: uploadLimits.packedBytes, files: 1, fields: 10, parts: 12, fieldSize: 300_000 },
} as const

export function deployRoutes(context: LifecycleContext): FastifyPluginAsyncZod {
  const { core, masterKey, artifacts } = context
  const write = { config: { role: 'write' } } as const
  return async api => {
    await api.register(multipart, form)
    api.post(
      '/functions/init',
      {
        ...write,
        schema: {
          ...{ tags, summary: 'A function by its name: a new one, or the one there is' },
          ...{ body: InitBody, querystring: InEnvironment },
          response: { 200: ExistingFunction, 201: NewFunction, ...failures },
        },
      },
      async (request, reply) => {
        const environment = await environmentOf(core.db, context.keyOf(request), request)
        const { name, skip_signing: skipSigning } = request.body
        const key = onceKeyOf(request, environment.id)
        const answer = await answerOnce(core.db, key, async tx => {
          const { id, isNew } = await initFunction(tx, { environmentId: environment.id, name, skipSigning })
          const one = await findShown(tx, environment.id, id)
          if (!one) throw new Error(`function ${id} was not stored`)
          return { status: isNew ? 201 : 200, body: initBody(one, isNew) }
        })
        return reply.code(answer.status === 201 ? 201 : 200).send(answer.body as never)
      },
    )
    api.post(
      '/functions/deploy',
      {
        ...write,
        onRequest: async request => {
          if (!/^multipart\/form-data\b/i.test(request.headers['content-type'] ?? ''))
            throw new AppError(
              'unsupported_media_type',
              'Send a form (multipart/form-data) with function_id, archive (a file) and, if you like, env.',
            )
        },
        schema: {
          ...{ tags, summary: 'Builds an archive of a function and makes it live', consumes },
          ...{ body: DeployForm, querystring: InEnvironment },
          response: { 202: Deploying, ...failures },
        },
      },
      async (request, reply) => {
        const key = context.keyOf(request)
        const environment = await environmentOf(core.db, key, request)
        const { function_id: functionId, archive } = request.body
        const one = await findShown(core.db, environment.id, functionId)
        if (!one)
          throw new AppError('not_found', `There is no function ${functionId} in ${environment.name}.`)
        if (!Buffer.isBuffer(archive))
          throw new AppError('invalid', 'archive must be a file of the form: a tar.gz.', {
            reason: 'no_file',
          })
        const env = readUploadEnv(request.body.env)
        const digest = createHash('sha256').update(archive).digest('hex')
        await checkArchive(archive)
        await artifacts.put(archive)
        const once = onceKeyOf(request, environment.id, [functionId, digest, request.body.env])
        const answer = await answerOnce(core.db, once, async tx => {
          const deployed = await deployUpload(tx, core, {
            ...{ environmentId: environment.id, functionId, digest, actor: key.name },
            packedBytes: archive.length,
            seal: buildId => sealEnv(masterKey, buildId, env),
          })
          if (deployed.kind === 'refused')
            throw new AppError('conflict', deployed.message, { reason: deployed.code })
          const message = 'Function deployment started'
          const about = { id: functionId, name: one.name, status: 'building' as const }
          return { status: 202, body: { message, ...about, build_id: deployed.buildId } }
        })
        return reply.code(202).send(answer.body as never)
      },
    )
  }
}

const consumes = ['multipart/form-data']
