// Goes back to what was live before: a whole environment to an earlier build, or one function to an earlier version. The same
// switch as a release, backwards. It pins the environment: pushes go on building, nothing goes live until `/resume`.
import { crashPoint } from '../crash-point.ts'
import type { Tx } from '../db/client.ts'
import type { Environment } from '../environments/store.ts'
import type { Core } from '../events/outbox.ts'
import { changeEnvironment, changeFunction, eventOf, type OnEither } from './change.ts'
import { haltStarts } from './halt-starts.ts'
import { code, codes } from './markdown.ts'
import { done, type Outcome, refused } from './outcome.ts'
import { putOverlay } from './overlays-store.ts'
import { releaseBuild } from './release.ts'
import { type Candidate, chooseTarget } from './rollback-target.ts'
import {
  activateVersion,
  type FunctionRow,
  findBuild,
  insertRelease,
  listEarlierVersions,
  releasedBuilds,
} from './store.ts'
import { targetBuild, warmRollback } from './warm-rollback.ts'

export interface Rollback extends OnEither {
  /** A build or version number, or a commit; null: the one before. */
  to: string | null
  reason: string | null
}

const listed = 10

export async function rollback(core: Core, request: Rollback): Promise<Outcome> {
  if (!request.dryRun) await warmRollback(core, request)
  const { functionName } = request
  return functionName === null
    ? changeEnvironment(core, request, (tx, environment) => toBuild(tx, core, environment, request))
    : changeFunction(core, { ...request, functionName }, (tx, environment, one) =>
        toVersion(tx, core, environment, one, request),
      )
}

async function toBuild(tx: Tx, core: Core, environment: Environment, request: Rollback): Promise<Outcome> {
  const live = environment.activeBuildId ? await findBuild(tx, environment.activeBuildId) : null
  if (!live) return refused('nothing_live', `**${environment.name}** has no live build yet.`)
  const candidates = await releasedBuilds(tx, environment.id, live.number)
  const target = await targetBuild(tx, environment.id, candidates, request.to)
  if (!target) {
    return refused(
      'no_such_build',
      candidates.length === 0
        ? `Build ${live.number} is the first that went live in **${environment.name}**; there is none before it.`
        : `**${environment.name}** was never live with such an earlier build. Earlier ones: ${named(candidates, '')}.`,
    )
  }
  await pin(tx, core, environment, request)
  const release = { environmentId: environment.id, buildId: target.id, kind: 'rollback' as const }
  await releaseBuild(tx, core, { ...release, actor: request.actor })
  crashPoint('rollback.before_commit')
  return done(
    'rolled_back',
    `**${environment.name}** runs build ${target.number} (${short(target)}) again instead of build ${live.number}. ${next(environment)}`,
  )
}

async function toVersion(
  tx: Tx,
  core: Core,
  environment: Environment,
  one: FunctionRow,
  request: Rollback,
): Promise<Outcome> {
  const candidates = await listEarlierVersions(tx, one)
  const target = chooseTarget(candidates, request.to)
  if (!target) {
    return refused(
      'no_such_version',
      candidates.length === 0
        ? `${code(one.name)} has no version before the live one.`
        : `${code(one.name)} has no such earlier version. Earlier ones: ${named(candidates, 'v')}.`,
    )
  }
  // No push would bring an uploaded one forward again, so there is nothing to hold.
  const isPinned = one.origin === 'code'
  if (isPinned) await pin(tx, core, environment, request)
  const changes = { added: [], changed: [one.name], unchanged: [], archived: [], restored: [] }
  const release = {
    environmentId: environment.id,
    buildId: environment.activeBuildId ?? target.buildId,
    changes,
  }
  await insertRelease(tx, { ...release, kind: 'rollback', actor: request.actor })
  const data = { kind: 'rollback', changes }
  await core.append(
    tx,
    eventOf(environment, request.actor, 'release.activated', { functionId: one.id, data }),
  )
  await activateVersion(tx, one.id, target.id)
  await haltStarts(tx, core.pool, { environmentId: environment.id, functionIds: [one.id] })
  return done(
    'rolled_back',
    `${code(one.name)} runs v${target.number} (${short(target)}) again. ${isPinned ? next(environment) : 'Executions that start from now on run it.'}`,
  )
}

export async function pin(
  tx: Tx,
  core: Core,
  environment: Environment,
  { reason, actor }: Pick<Rollback, 'reason' | 'actor'>,
): Promise<void> {
  await putOverlay(tx, {
    environmentId: environment.id,
    functionId: null,
    kind: 'pin',
    reason,
    actor,
    until: null,
  })
  await core.append(tx, eventOf(environment, actor, 'environment.pinned', { data: { reason } }))
  crashPoint('rollback.pinned')
}

const short = (candidate: Candidate) => code(candidate.sha.slice(0, 7))

function named(candidates: Candidate[], prefix: string): string {
  return codes(candidates.slice(0, listed).map(one => `${prefix}${one.number}`))
}

function next(environment: Environment): string {
  return `Executions that start from now on run it. The environment is pinned: pushes build but do not go live until ${code(`/resume ${environment.name}`)}.`
}
