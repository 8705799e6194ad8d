// Which of GitHub's reports an event touches. Pure: only marks them as wanted; what they then say is read from the database.
import type { TargetsOf } from '../../events/outbox.ts'
import type { Event, ReportTarget } from '../../events/types.ts'

export const githubTargets: TargetsOf = event => {
  switch (event.type) {
    case 'config.accepted':
    case 'config.rejected':
      return configTargets(event)
    case 'merge_group.requested':
      return mergeTargets(event)
    case 'pull_request.held':
      return heldTargets(event)
    case 'command.received':
    case 'command.finished':
      return commandTargets(event)
    case 'environment.opened':
    case 'environment.closed':
      return [...buildTargets(event), ...environmentTargets(event)]
    case 'build.unchanged':
      return buildTargets(event).filter(({ kind }) => kind !== 'deployment') // nothing is deployed
    default:
      return buildTargets(event)
  }
}

function configTargets({ repositoryId, data }: Event): ReportTarget[] {
  return typeof data?.sha === 'string'
    ? [{ kind: 'config-check', subject: `${repositoryId}@${data.sha}` }]
    : []
}

function mergeTargets({ repositoryId, data }: Event): ReportTarget[] {
  return typeof data?.sha === 'string' && typeof data.ref === 'string'
    ? [{ kind: 'merge-check', subject: `${repositoryId}@${data.sha}@${data.ref}` }]
    : []
}

function heldTargets({ repositoryId, pullNumber, data }: Event): ReportTarget[] {
  return typeof data?.sha === 'string' && pullNumber
    ? [{ kind: 'approval-check', subject: `${repositoryId}@${data.sha}@${pullNumber}` }]
    : []
}

/** A button is answered in the check it stands on. */
function commandTargets({ data, buildId }: Event): ReportTarget[] {
  if (buildId) return [{ kind: 'check', subject: buildId }]
  return typeof data?.commandId === 'string' ? [{ kind: 'reply', subject: data.commandId }] : []
}

/** Its builds' deployments, of which this event names one at most. */
function environmentTargets({ environmentId }: Event): ReportTarget[] {
  return environmentId ? [{ kind: 'environment-deployments', subject: environmentId }] : []
}

function buildTargets(event: Event): ReportTarget[] {
  const { repositoryId, buildId, pullNumber } = event
  if (!buildId) return []
  const comment = pullNumber
    ? [{ kind: 'comment', subject: `${repositoryId}#${pullNumber}` }]
    : branchTargets(event)
  return [{ kind: 'check', subject: buildId }, { kind: 'deployment', subject: buildId }, ...comment]
}

/** Pull requests from this branch show it too, but not each stage of a build. */
function branchTargets({ environmentId, type }: Event): ReportTarget[] {
  return environmentId && type !== 'build.progressed'
    ? [{ kind: 'branch-comments', subject: environmentId }]
    : []
}
