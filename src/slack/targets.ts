// Which Slack messages an event touches: the one of its build. Pure.
import type { TargetsOf } from '../events/outbox.ts'

export const slackTargets: TargetsOf = ({ buildId, type }) => {
  if (!buildId || type.startsWith('command.') || type.startsWith('config.')) return []
  return [{ kind: 'slack-build', subject: buildId }]
}
