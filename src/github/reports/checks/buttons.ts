// Which buttons stand on a build's check. Pure. Each is a command (commands/press.ts), so only the few that act on this very build
// or on the environment where it is live: there is room for three. Whoever presses is asked for his role then, not now.
import type { BuildView } from '../../../builds/views/view.ts'
import { fateOf } from '../../../builds/views/view.ts'
import type { Button } from '../../../commands/press.ts'
import type { CheckAction } from './render-check.ts'

const texts: Record<Button, Omit<CheckAction, 'identifier'>> = {
  retry: { label: 'Retry', description: 'Build this commit once more.' },
  rollback: { label: 'Roll back', description: 'Run the build before this one again.' },
  pause: { label: 'Pause', description: 'Accept executions, and hold them.' },
  resume: { label: 'Resume', description: 'Lift the pause and the pin.' },
}

export function buttonsOf(view: BuildView): CheckAction[] {
  return buttonNames(view).map(identifier => ({ ...texts[identifier], identifier }))
}

function buttonNames(view: BuildView): Button[] {
  if (view.environment.closed) return []
  switch (fateOf(view)) {
    case 'failed':
    case 'cancelled':
      return view.newerSha === null ? ['retry'] : []
    case 'live':
      return liveButtons(view)
    default:
      return []
  }
}

function liveButtons({ overlays, hasEarlier }: BuildView): Button[] {
  const own = overlays.filter(overlay => overlay.functionName === null)
  const isPaused = own.some(overlay => overlay.kind === 'pause')
  const names: [Button, boolean][] = [
    ['rollback', hasEarlier],
    ['pause', !isPaused],
    ['resume', own.length > 0],
  ]
  return names.flatMap(([name, shown]) => (shown ? [name] : []))
}
