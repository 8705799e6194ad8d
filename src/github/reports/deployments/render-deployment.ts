// What GitHub's deployment of a build says. Pure. GitHub's word "deployment" stays in this folder.

import { oneLine } from '../../../builds/plain-text.ts'
import { type BuildView, fateOf, headline } from '../../../builds/views/view.ts'

export type DeploymentState = 'queued' | 'in_progress' | 'success' | 'failure' | 'inactive'

export interface DeploymentStatus {
  state: DeploymentState
  description: string
}

const maxDescription = 140

export function renderDeployment(view: BuildView): DeploymentStatus {
  return { state: stateOf(view), description: oneLine(headline(view), maxDescription) }
}

/** In a closed environment nothing is deployed any more, whatever became of its builds. */
function stateOf(view: BuildView): DeploymentState {
  if (view.environment.closed) return 'inactive'
  switch (fateOf(view)) {
    case 'queued':
      return 'queued'
    case 'building':
      return 'in_progress'
    case 'live':
      return 'success'
    case 'failed':
      return 'failure'
    default:
      return 'inactive'
  }
}
