// How GitHub writes deployments, their statuses and environments.
import type { Deployment, DeploymentStatus, Environment, Repository } from '../state.ts'
import { appById, fullName, type World } from '../world.ts'
import { formatAccount, formatApp } from './account.ts'

export function formatDeployment(world: World, repository: Repository, deployment: Deployment) {
  const api = `${world.apiUrl}/repos/${fullName(repository)}`
  const url = `${api}/deployments/${deployment.id}`
  return {
    url,
    id: deployment.id,
    node_id: `DE_${deployment.id}`,
    sha: deployment.sha,
    ref: deployment.ref,
    task: deployment.task,
    payload: deployment.payload,
    original_environment: deployment.originalEnvironment,
    environment: deployment.environment,
    description: deployment.description,
    creator: formatAccount(world, deployment.login),
    created_at: deployment.createdAt,
    updated_at: deployment.updatedAt,
    statuses_url: `${url}/statuses`,
    repository_url: api,
    transient_environment: deployment.transient,
    production_environment: deployment.production,
    performed_via_github_app: deployment.app ? formatApp(world, appById(world, deployment.app)) : null,
  }
}

export function formatDeploymentStatus(
  world: World,
  repository: Repository,
  deployment: Deployment,
  status: DeploymentStatus,
) {
  const api = `${world.apiUrl}/repos/${fullName(repository)}`
  const url = `${api}/deployments/${deployment.id}`
  return {
    url: `${url}/statuses/${status.id}`,
    id: status.id,
    node_id: `DES_${status.id}`,
    state: status.state,
    creator: formatAccount(world, status.login),
    description: status.description,
    environment: status.environment,
    target_url: status.logUrl,
    log_url: status.logUrl,
    environment_url: status.environmentUrl,
    created_at: status.createdAt,
    updated_at: status.createdAt,
    deployment_url: url,
    repository_url: api,
    performed_via_github_app: deployment.app ? formatApp(world, appById(world, deployment.app)) : null,
  }
}

export function formatEnvironment(world: World, repository: Repository, environment: Environment) {
  const full = fullName(repository)
  return {
    id: environment.id,
    node_id: `EN_${environment.id}`,
    name: environment.name,
    url: `${world.apiUrl}/repos/${full}/environments/${encodeURIComponent(environment.name)}`,
    html_url: `${world.url}/${full}`,
    created_at: environment.createdAt,
    updated_at: environment.createdAt,
    protection_rules: [],
    deployment_branch_policy: null,
  }
}
