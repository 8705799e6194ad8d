// Closes the preview of a pull request that is closed, and ends its builds. Idempotent: the close may come early, late or twice.
import { previewOf } from '../../environments/store.ts'
import type { Core } from '../../events/outbox.ts'
import { type Closed, closeEnvironment } from '../../functions/close.ts'
import { cancelBuilds } from './cancel.ts'

export async function closePreview(
  core: Core,
  repositoryId: number,
  number: number,
  reason: string,
): Promise<Closed> {
  const preview = await previewOf(core.db, repositoryId, number)
  if (!preview) return 'was_closed'
  const about = { actor: 'sluice', reason, because: 'pull_closed' } as const
  const closed = await closeEnvironment(core, { environmentId: preview.id, ...about })
  await cancelBuilds(core, preview.id)
  return closed
}
