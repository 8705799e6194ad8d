// Makes what is live in one environment live in another: the same artifacts, nothing is built. Processes for them are started
// before, then everything is switched in one transaction; a rollback switches back. A pin of the target is lifted.

import type { Tx } from '../db/client.ts'
import { type Environment, findEnvironment } from '../environments/store.ts'
import { variablesOf } from '../environments/variables-store.ts'
import type { Core } from '../events/outbox.ts'
import { changeEnvironment, eventOf } from '../functions/change.ts'
import type { Changes } from '../functions/diff.ts'
import { changesNothing, diffFunctions } from '../functions/diff.ts'
import { fingerprint, type Manifest } from '../functions/manifest.ts'
import { code, codes } from '../functions/markdown.ts'
import { done, noop, type Outcome, refused } from '../functions/outcome.ts'
import { liftOverlay } from '../functions/overlays-store.ts'
import { releaseBuild } from '../functions/release.ts'
import { type FunctionWithVersion, findBuild, listFunctions } from '../functions/store.ts'
import { warmBuild } from '../functions/warm-build.ts'
import { insertPromoted } from './admission/admission-store.ts'
import { refusePromotion } from './promotion.ts'

export interface Promotion {
  fromId: string
  /** Where it is to go live. */
  environmentId: string
  actor: string
  dryRun: boolean
}

export async function promote(core: Core, request: Promotion): Promise<Outcome> {
  if (!request.dryRun) await warmPromotion(core, request)
  return changeEnvironment(core, request, (tx, target) => promoteWithin(tx, core, target, request))
}

async function warmPromotion(core: Core, { fromId, environmentId }: Promotion): Promise<void> {
  const from = await findEnvironment(core.db, fromId)
  const live = from?.activeBuildId ? await findBuild(core.db, from.activeBuildId) : null
  if (live?.manifest) await warmBuild(core, environmentId, live.manifest)
}

async function promoteWithin(
  tx: Tx,
  core: Core,
  target: Environment,
  { fromId, actor }: Promotion,
): Promise<Outcome> {
  // Not locked: had it been switched a moment later, this would have been promoted all the same.
  const from = await findEnvironment(tx, fromId)
  if (!from) throw new Error(`environment ${fromId} does not exist`)
  const variables = [
    ...(await variablesOf(tx, from)),
    ...(await variablesOf(tx, target)).filter(one => one.environmentId !== null),
  ]
  const refusal = refusePromotion(from, target, variables)
  if (refusal) return refusal
  const live = from.activeBuildId ? await findBuild(tx, from.activeBuildId) : null
  if (!live?.manifest) return refused('nothing_live', `**${from.name}** has no live build yet.`)
  const mixed = otherThanBuilt(await listFunctions(tx, from.id), live.manifest)
  if (mixed.length > 0)
    return refused(
      'source_rolled_back',
      `In **${from.name}** ${codes(mixed)} does not run what build ${live.number} made of it. Resume **${from.name}**, or roll it back whole, and promote then.`,
    )
  const changes = changesIn(await listFunctions(tx, target.id), live.manifest)
  const which = `build ${live.number} of **${from.name}** (${code(live.sha.slice(0, 7))})`
  if (target.activeBuildId !== null && changesNothing(changes))
    return noop('already_promoted', `**${target.name}** runs ${which} already.`)
  if (await liftOverlay(tx, { environmentId: target.id, functionId: null, kind: 'pin', actor }))
    await core.append(tx, eventOf(target, actor, 'environment.unpinned'))
  const buildId = await insertPromoted(tx, target.id, live)
  await releaseBuild(tx, core, { environmentId: target.id, buildId, kind: 'promote', actor })
  return done(
    'promoted',
    `**${target.name}** runs ${which}; nothing was built anew.${told(changes)} Back to what it ran before: ${code(`/rollback ${target.name}`)}.`,
  )
}

function changesIn(there: FunctionWithVersion[], manifest: Manifest): Changes {
  return diffFunctions(
    there.map(one => ({
      name: one.name,
      fingerprint: one.origin === 'code' ? (one.version?.fingerprint ?? null) : null,
      archived: one.archivedBecause,
    })),
    manifest.map(one => ({ name: one.name, fingerprint: fingerprint(one) })),
  )
}

/** Functions that somebody rolled back by themselves: they were not live together with the rest of the build. */
function otherThanBuilt(live: FunctionWithVersion[], manifest: Manifest): string[] {
  const { added, changed, archived } = changesIn(live, manifest)
  return [...added, ...changed, ...archived].sort()
}

function told(changes: Changes): string {
  const kinds = ['added', 'changed', 'archived', 'restored'] as const
  const said = kinds.filter(kind => changes[kind].length > 0).map(kind => `${kind} ${codes(changes[kind])}`)
  return said.length === 0 ? '' : ` Functions: ${said.join('; ')}.`
}
