// Deployments and their statuses, with GitHub's rules for what becomes inactive when something else succeeds.
import { HttpError } from '../http/reply.ts'
import type { Author } from './comments.ts'
import { emit } from './events.ts'
import { formatDeployment, formatDeploymentStatus } from './payloads/deployment.ts'
import type { Deployment, DeploymentStatus, Repository } from './state.ts'
import { nextId, now, type World } from './world.ts'

export type NewDeployment = Pick<
  Deployment,
  'sha' | 'ref' | 'task' | 'payload' | 'environment' | 'description' | 'transient' | 'production'
>

export function createDeployment(
  world: World,
  repository: Repository,
  wanted: NewDeployment,
  author: Author,
): Deployment {
  const deployment: Deployment = {
    id: nextId(world),
    ...wanted,
    originalEnvironment: wanted.environment,
    ...author,
    statuses: [],
    createdAt: now(),
    updatedAt: now(),
  }
  repository.deployments.push(deployment)
  ensureEnvironment(world, repository, deployment.environment)
  const body = {
    deployment: formatDeployment(world, repository, deployment),
    workflow: null,
    workflow_run: null,
  }
  emit(world, repository, { event: 'deployment', action: 'created', sender: author.login, body })
  return deployment
}

export function ensureEnvironment(world: World, repository: Repository, name: string) {
  const known = repository.environments.find(environment => environment.name === name)
  if (known) return known
  const environment = { id: nextId(world), name, createdAt: now() }
  repository.environments.push(environment)
  world.save()
  return environment
}

export type NewStatus = Pick<DeploymentStatus, 'state' | 'description' | 'logUrl' | 'environmentUrl'> & {
  environment?: string | undefined
  autoInactive: boolean
}

export function addDeploymentStatus(
  world: World,
  repository: Repository,
  deployment: Deployment,
  wanted: NewStatus,
  author: Author,
): DeploymentStatus {
  const { autoInactive, ...fields } = wanted
  const environment = wanted.environment ?? deployment.environment
  const status = { id: nextId(world), ...fields, environment, login: author.login, createdAt: now() }
  deployment.statuses.push(status)
  deployment.environment = environment
  deployment.updatedAt = now()
  if (status.state === 'success' && autoInactive) inactivateOthers(world, repository, deployment)
  // GitHub stays silent about "inactive".
  if (status.state !== 'inactive') announce(world, repository, deployment, status)
  world.save()
  return status
}

function announce(
  world: World,
  repository: Repository,
  deployment: Deployment,
  status: DeploymentStatus,
): void {
  const body = {
    deployment_status: formatDeploymentStatus(world, repository, deployment, status),
    deployment: formatDeployment(world, repository, deployment),
  }
  emit(world, repository, { event: 'deployment_status', action: 'created', sender: status.login, body })
}

export const stateOf = (deployment: Deployment) => deployment.statuses.at(-1)?.state ?? 'pending'

/** Earlier successes of the same environment that are neither transient nor production, as GitHub documents it. */
function inactivateOthers(world: World, repository: Repository, winner: Deployment): void {
  for (const other of repository.deployments) {
    if (other.id >= winner.id || other.environment !== winner.environment) continue
    if (other.transient || other.production || stateOf(other) !== 'success') continue
    other.statuses.push({
      id: nextId(world),
      state: 'inactive',
      login: winner.login,
      description: '',
      environment: other.environment,
      logUrl: '',
      environmentUrl: '',
      createdAt: now(),
    })
  }
}

export function deleteDeployment(world: World, repository: Repository, deployment: Deployment): void {
  const alone = repository.deployments.every(other => other === deployment)
  const active =
    deployment.statuses.length > 0 && !['inactive', 'error', 'failure'].includes(stateOf(deployment))
  if (active && !alone) {
    throw new HttpError(
      422,
      'We cannot delete an active deployment unless it is the only deployment in this repository.',
    )
  }
  repository.deployments.splice(repository.deployments.indexOf(deployment), 1)
  world.save()
}
