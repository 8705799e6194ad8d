// Events of what the console did besides the verbs, which write their own. That it was through the console, the core says.
import type { Environment } from '../environments/store.ts'
import type { Event, EventType } from '../events/types.ts'

/** No build's reports show it, so none is written again for it. */
export function environmentEvent(
  { id, repositoryId }: Pick<Environment, 'id' | 'repositoryId'>,
  actor: string,
  type: EventType,
  rest: Pick<Event, 'functionId' | 'data'> = {},
): Event {
  return { type, repositoryId, environmentId: id, actor, ...rest }
}
