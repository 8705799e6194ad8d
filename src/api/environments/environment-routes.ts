// Environments that a key may act in: all open ones of its repository, or its own alone. It names none, so that a key of a
// whole repository can ask which there are.
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { findRepository } from '../../environments/store.ts'
import type { LifecycleContext } from '../lifecycle/context.ts'
import { answers } from '../lifecycle/route.ts'
import { listShownEnvironments } from './environments-store.ts'
import { EnvironmentList } from './shapes.ts'

export function environmentRoutes({ core, keyOf }: LifecycleContext): FastifyPluginCallbackZod {
  return (api, _options, done) => {
    api.get(
      '/environments',
      {
        config: { role: 'read' },
        schema: {
          ...{ tags: ['environments'], summary: 'Where branches land, and what is live there' },
          response: answers(EnvironmentList),
        },
      },
      async request => {
        const key = keyOf(request)
        const repository = await findRepository(core.db, key.repositoryId)
        const found = await listShownEnvironments(core.db, key.repositoryId, key.environmentId)
        return {
          repository: repository ? `${repository.owner}/${repository.name}` : '',
          environments: found.map(({ environment, build, paused, pinned, functions }) => ({
            ...{ id: environment.id, name: environment.name, kind: environment.kind },
            ...{ production: environment.production, branch: environment.branch, root: environment.root },
            ...{ pull_number: environment.pullNumber, mode: environment.mode, paused, pinned, functions },
            live_build: build,
            opened_at: environment.openedAt.toISOString(),
          })),
        }
      },
    )
    done()
  }
}
