// What keeps a function from running, in words for people, with what to do about each. Pure; the claim (executions/store.ts)
// decides by the same rows, and never by this text.
import type { Environment } from '../environments/store.ts'
import { code } from './markdown.ts'
import type { Overlay } from './overlays-store.ts'
import type { FunctionRow } from './store.ts'

type Named = Pick<Environment, 'name'> & Partial<Pick<Environment, 'mode'>>
type One = Pick<FunctionRow, 'id' | 'name' | 'state' | 'archivedAt'>

export interface Holding {
  code: 'pending_deletion' | 'archived' | 'paused' | 'environment_paused' | 'environment_drained'
  /** Follows "but": its own subject, ends with a full stop. */
  message: string
}

/** The one to lift first; null: nothing holds it. */
export function holdingOf(
  environment: Named,
  one: One,
  inForce: readonly Pick<Overlay, 'kind' | 'functionId'>[],
): Holding | null {
  const paused = (functionId: string | null) =>
    inForce.some(overlay => overlay.kind === 'pause' && overlay.functionId === functionId)
  if (one.state === 'pending_deletion')
    return {
      code: 'pending_deletion',
      message: `its deletion is scheduled, which holds it. To keep it: ${hint('cancel-deletion', environment, one)}.`,
    }
  if (one.archivedAt)
    return {
      code: 'archived',
      message: `it is archived, which holds it. To bring it back: ${hint('restore', environment, one)}.`,
    }
  if (paused(one.id))
    return {
      code: 'paused',
      message: `it is paused, which holds it. To go on: ${hint('resume', environment, one)}.`,
    }
  if (paused(null))
    return {
      code: 'environment_paused',
      message: `the whole environment is paused, which holds it. To go on: ${hint('resume', environment)}.`,
    }
  if (environment.mode !== undefined && environment.mode !== 'normal')
    return {
      code: 'environment_drained',
      message: `the whole environment is drained, which holds it. To go on: ${hint('resume', environment)}.`,
    }
  return null
}

/** "`hello` in **production**", or the environment alone. */
export function subjectOf(environment: Named, one: Pick<FunctionRow, 'name'> | null): string {
  return one ? `${code(one.name)} in **${environment.name}**` : `**${environment.name}**`
}

/** A command to type, as code: the answer itself must never read as one. */
export function hint(verb: string, environment: Named, one: Pick<FunctionRow, 'name'> | null = null): string {
  return code(`/${verb} ${environment.name}${one ? ` ${one.name}` : ''}`)
}
