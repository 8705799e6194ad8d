// Builds a commit again because somebody asked for it, with a button or "re-run". Admission refuses a
// commit that others have followed in its environment.
import type { Core } from '../../events/outbox.ts'
import { findBuild } from './admission-store.ts'
import { admit } from './admit.ts'

export async function rebuild(
  core: Core,
  { buildId, actor }: { buildId: string; actor: string },
): Promise<void> {
  const build = await findBuild(core.db, buildId)
  if (!build) return
  const { environmentId, sha, message, author, ref } = build
  await admit(core, environmentId, { commit: { sha, message, author }, ref, again: true, actor, tree: null })
}
