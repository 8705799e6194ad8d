// Deployments, their statuses and environments over REST. The two refusals apps forget about are here: an auto-merge
// nobody asked for, and required contexts that are not green.
import * as z from 'zod'
import { created, HttpError, need, noContent } from '../../http/reply.ts'
import { addDeploymentStatus, createDeployment, deleteDeployment, ensureEnvironment } from '../deployments.ts'
import { commitOf, resolveRef } from '../git/bare.ts'
import { isAncestor } from '../git/commits.ts'
import { formatDeployment, formatDeploymentStatus, formatEnvironment } from '../payloads/deployment.ts'
import type { Deployment, Repository } from '../state.ts'
import { isGreen, latestRuns } from '../suite-result.ts'
import { directoryOf, type World } from '../world.ts'
import { type ApiRoutes, authorOf, bodyOf, byId, pageOf, repositoryOf } from './call.ts'

const read = { permission: 'deployments' }
const write = { permission: 'deployments', access: 'write' } as const

const newSchema = z.object({
  ref: z.string(),
  task: z.string().default('deploy'),
  auto_merge: z.boolean().default(true),
  required_contexts: z.array(z.string()).optional(),
  payload: z.unknown().default({}),
  environment: z.string().default('production'),
  description: z.string().max(140).nullish(),
  transient_environment: z.boolean().default(false),
  production_environment: z.boolean().optional(),
})
type NewBody = z.infer<typeof newSchema>

const statusSchema = z.object({
  state: z.enum(['error', 'failure', 'inactive', 'in_progress', 'queued', 'pending', 'success']),
  description: z.string().max(140).default(''),
  target_url: z.string().optional(),
  log_url: z.string().optional(),
  environment_url: z.string().default(''),
  environment: z.string().optional(),
  auto_inactive: z.boolean().default(true),
})

export function addDeployments(routes: ApiRoutes): void {
  routes.add('GET', '/repos/:owner/:repo/deployments', call => {
    const repository = repositoryOf(call, read)
    const found = repository.deployments.filter(deployment => matches(deployment, call.query))
    return pageOf(call, found.reverse()).map(deployment =>
      formatDeployment(call.world, repository, deployment),
    )
  })
  routes.add('POST', '/repos/:owner/:repo/deployments', async call => {
    const repository = repositoryOf(call, write)
    const body = bodyOf(call, newSchema)
    const found = await resolveRef(directoryOf(call.world, repository), body.ref)
    const sha = need(found, 422, `No ref found for: ${body.ref}`)
    await refuseUnready(call.world, repository, body, sha)
    const deployment = createDeployment(call.world, repository, toDeployment(body, sha), authorOf(call))
    return created(formatDeployment(call.world, repository, deployment))
  })
  routes.add('GET', '/repos/:owner/:repo/deployments/:id', call => {
    const repository = repositoryOf(call, read)
    return formatDeployment(call.world, repository, byId(repository.deployments, call.params.id))
  })
  routes.add('DELETE', '/repos/:owner/:repo/deployments/:id', call => {
    const repository = repositoryOf(call, write)
    deleteDeployment(call.world, repository, byId(repository.deployments, call.params.id))
    return noContent()
  })
  addStatuses(routes)
  addEnvironments(routes)
}

function matches(deployment: Deployment, query: URLSearchParams): boolean {
  return (['sha', 'ref', 'task', 'environment'] as const).every(
    field => !query.get(field) || deployment[field] === query.get(field),
  )
}

function toDeployment(body: NewBody, sha: string) {
  return {
    sha,
    ref: body.ref,
    task: body.task,
    payload: body.payload,
    environment: body.environment,
    description: body.description ?? null,
    transient: body.transient_environment,
    production: body.production_environment ?? body.environment === 'production',
  }
}

async function refuseUnready(
  world: World,
  repository: Repository,
  body: NewBody,
  sha: string,
): Promise<void> {
  const directory = directoryOf(world, repository)
  const tip = await commitOf(directory, `refs/heads/${repository.defaultBranch}`)
  if (body.auto_merge && tip && !(await isAncestor(directory, tip, sha))) {
    throw new HttpError(409, `Conflict merging ${repository.defaultBranch} into ${body.ref}.`)
  }
  const runs = latestRuns(repository.checkRuns.filter(run => run.headSha === sha))
  const wanted = body.required_contexts
  const unready = runs.filter(run => !isGreen(run) && (wanted?.includes(run.name) ?? true))
  if (unready.length > 0) throw new HttpError(409, `Conflict: Commit status checks failed for ${body.ref}.`)
}

function addStatuses(routes: ApiRoutes): void {
  routes.add('GET', '/repos/:owner/:repo/deployments/:id/statuses', call => {
    const repository = repositoryOf(call, read)
    const deployment = byId(repository.deployments, call.params.id)
    const newest = [...deployment.statuses].reverse()
    return pageOf(call, newest).map(status =>
      formatDeploymentStatus(call.world, repository, deployment, status),
    )
  })
  routes.add('POST', '/repos/:owner/:repo/deployments/:id/statuses', call => {
    const repository = repositoryOf(call, write)
    const deployment = byId(repository.deployments, call.params.id)
    const body = bodyOf(call, statusSchema)
    const wanted = {
      state: body.state,
      description: body.description,
      logUrl: body.log_url ?? body.target_url ?? '',
      environmentUrl: body.environment_url,
      environment: body.environment,
      autoInactive: body.auto_inactive,
    }
    const status = addDeploymentStatus(call.world, repository, deployment, wanted, authorOf(call))
    return created(formatDeploymentStatus(call.world, repository, deployment, status))
  })
  routes.add('GET', '/repos/:owner/:repo/deployments/:id/statuses/:status', call => {
    const repository = repositoryOf(call, read)
    const deployment = byId(repository.deployments, call.params.id)
    const status = byId(deployment.statuses, call.params.status)
    return formatDeploymentStatus(call.world, repository, deployment, status)
  })
}

function addEnvironments(routes: ApiRoutes): void {
  const permission = ['actions', 'deployments', 'environments', 'administration']
  routes.add('GET', '/repos/:owner/:repo/environments', call => {
    const repository = repositoryOf(call, { permission })
    const { environments } = repository
    const shown = pageOf(call, environments).map(found => formatEnvironment(call.world, repository, found))
    return { total_count: environments.length, environments: shown }
  })
  const path = '/repos/:owner/:repo/environments/:name' as const
  routes.add('GET', path, call => {
    const repository = repositoryOf(call, { permission })
    const found = repository.environments.find(environment => environment.name === call.params.name)
    return formatEnvironment(call.world, repository, need(found))
  })
  // Only administrators make or delete the shell of an environment; deployments create it by themselves.
  const administer = { permission: 'administration', access: 'write' } as const
  routes.add('PUT', path, call => {
    const repository = repositoryOf(call, administer)
    return formatEnvironment(
      call.world,
      repository,
      ensureEnvironment(call.world, repository, call.params.name),
    )
  })
  routes.add('DELETE', path, call => {
    const repository = repositoryOf(call, administer)
    const found = need(repository.environments.find(environment => environment.name === call.params.name))
    repository.environments.splice(repository.environments.indexOf(found), 1)
    call.world.save()
    return noContent()
  })
}
