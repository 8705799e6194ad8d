// Makes an earlier commit live again that was built for an environment, live then or not: nothing is built anew. Like a rollback
// it pins the environment, or the next look at the branch would put the newest commit over it.
import type { Core } from '../events/outbox.ts'
import { changeEnvironment, type OnEnvironment } from '../functions/change.ts'
import { code } from '../functions/markdown.ts'
import { done, noop, type Outcome } from '../functions/outcome.ts'
import { releaseBuild } from '../functions/release.ts'
import { pin } from '../functions/rollback.ts'
import { warmBuild } from '../functions/warm-build.ts'
import { findBuilt } from './admission/admission-store.ts'

/** Null: nothing was built of this commit here, or not to the end. */
export async function deployBuilt(
  core: Core,
  request: OnEnvironment & { sha: string },
): Promise<Outcome | null> {
  const { environmentId, sha, actor, dryRun } = request
  const built = await findBuilt(core.db, environmentId, sha)
  if (!built?.manifest) return null
  if (!dryRun) await warmBuild(core, environmentId, built.manifest)
  const { id: buildId, number } = built
  const what = `build ${number} (${code(sha.slice(0, 7))})`
  return changeEnvironment(core, request, async (tx, environment) => {
    if (environment.activeBuildId === buildId)
      return noop('already_live', `**${environment.name}** runs ${what} already.`)
    await pin(tx, core, environment, { actor, reason: `deployed ${sha.slice(0, 7)}` })
    await releaseBuild(tx, core, { environmentId, buildId, kind: 'rollback', actor })
    return done(
      'deployed_earlier',
      `**${environment.name}** runs ${what}, which is not the newest commit; nothing was built anew. The environment is pinned: pushes build but do not go live until ${code(`/resume ${environment.name}`)}.`,
    )
  })
}
