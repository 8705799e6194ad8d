// The first page, and a repository's own.
import type { FastifyInstance } from 'fastify'
import { type Pages, root } from '../context.ts'
import { maySee } from '../session/rights.ts'
import { show } from '../show.ts'
import { repositoriesPage, repositoryPage } from './repositories-page.ts'
import { listRepositories, listShownEnvironments } from './repositories-store.ts'

export function repositoryRoutes(web: FastifyInstance, { console, visits }: Pages): void {
  const { core, rights, githubUrl } = console
  web.get(root, { config: { console: 'signed in' } }, async (request, reply) => {
    const visit = visits.of(request)
    const all = await listRepositories(core.db)
    // One that GitHub cannot be asked about is not shown; the others are.
    const roles = await Promise.allSettled(all.map(one => rights.roleIn(one, visit.person.login)))
    const seen = all.filter((one, index) => {
      const role = roles[index]
      return role?.status === 'fulfilled' && maySee(one, role.value)
    })
    const environments = await listShownEnvironments(
      core.db,
      seen.map(one => one.id),
    )
    const shown = seen.map(repository => ({
      repository,
      environments: environments.filter(one => one.environment.repositoryId === repository.id),
    }))
    return show(request, reply, repositoriesPage(visit, shown))
  })
  web.get(`${root}/:owner/:name`, { config: { console: 'repository' } }, async (request, reply) => {
    const visit = visits.inRepository(request)
    const environments = await listShownEnvironments(core.db, [visit.repository.id])
    return show(request, reply, repositoryPage(visit, environments, githubUrl))
  })
}
