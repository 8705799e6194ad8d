// Tokens of a repository, over the API: a new one, shown once. For keys of the whole repository: one of an environment must not
// make what reaches all of them.
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { AppError } from '../../errors.ts'
import type { LifecycleContext } from '../lifecycle/context.ts'
import { answers } from '../lifecycle/route.ts'
import { createRepositoryToken } from '../tokens.ts'
import { NewRepositoryToken, RepositoryTokenBody } from './shapes.ts'

export function repositoryTokenRoutes({ core, keyOf }: LifecycleContext): FastifyPluginCallbackZod {
  return (api, _options, done) => {
    api.post(
      '/repository-tokens',
      {
        config: { role: 'admin' },
        schema: {
          ...{
            tags: ['tokens'],
            summary: 'A new token of the repository, shown once',
            body: RepositoryTokenBody,
          },
          response: { ...answers(NewRepositoryToken), 201: NewRepositoryToken },
        },
      },
      async (request, reply) => {
        const { repositoryId, environmentId } = keyOf(request)
        if (environmentId !== null)
          throw new AppError(
            'forbidden',
            'This key is for one environment; a token of the repository needs a key of the repository.',
          )
        const { production } = request.body
        const token = await createRepositoryToken(core.db, repositoryId, production)
        return reply.code(201).send({ token, production })
      },
    )
    done()
  }
}
