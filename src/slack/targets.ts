// Which Slack messages an event touches: the one of its build. Pure. A commit that changes nothing is no news, unless it ends
// a failure.
import type { TargetsOf } from '../events/outbox.ts'

export const slackTargets: TargetsOf = ({ buildId, type, data }) => {
  if (type === 'build.unchanged' && data?.recovered !== true) return []
  if (!buildId || type.startsWith('command.') || type.startsWith('config.')) return []
  return [{ kind: 'slack-build', subject: buildId }]
}
