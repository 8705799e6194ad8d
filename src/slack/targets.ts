// Which Slack messages an event touches: the one of its build, or of its incident. Pure. A commit that changes nothing is no news,
// unless it ends a failure.
import type { TargetsOf } from '../events/outbox.ts'

export const slackTargets: TargetsOf = ({ buildId, type, data }) => {
  if (type === 'function.failing' || type === 'function.recovered')
    return typeof data?.incidentId === 'string' ? [{ kind: 'slack-alert', subject: data.incidentId }] : []
  if (type === 'build.unchanged' && data?.recovered !== true) return []
  if (!buildId || type.startsWith('command.') || type.startsWith('config.')) return []
  return [{ kind: 'slack-build', subject: buildId }]
}
