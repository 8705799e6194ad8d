// Goes back to what was live before: a whole environment to an earlier build, or one function to an earlier version. The same
// switch as a release, backwards. It pins the environment: pushes go on building, nothing goes live until `/resume`.
import type { Tx } from '../db/client.ts'
import { type Environment, lockEnvironment } from '../environments/store.ts'
import type { Append, Core } from '../events/outbox.ts'
import { transact } from './dry-run.ts'
import { done, type Outcome, refused } from './outcome.ts'
import { putOverlay } from './overlays-store.ts'
import { releaseBuild } from './release.ts'
import { chooseTarget } from './rollback-target.ts'
import {
  activateVersion,
  findBuild,
  findFunctionByName,
  insertRelease,
  listVersions,
  releasedBuilds,
} from './store.ts'

interface Request {
  environmentId: string
  functionName: string | null
  /** A build or version number, or a commit; null: the one before. */
  to: string | null
  reason: string | null
  actor: string
  dryRun: boolean
}

export function rollback(core: Core, request: Request): Promise<Outcome> {
  return transact(core.db, request.dryRun, async tx => {
    const environment = await lockEnvironment(tx, request.environmentId)
    const active = environment.activeBuildId ? await findBuild(tx, environment.activeBuildId) : null
    if (!active) {
      return refused(
        'nothing_live',
        `**${environment.name}** has no live build yet, so there is nothing to go back to.`,
      )
    }
    return request.functionName === null
      ? rollbackEnvironment(tx, core.append, environment, active.number, request)
      : rollbackFunction(tx, core.append, environment, { ...request, functionName: request.functionName })
  })
}

async function rollbackEnvironment(
  tx: Tx,
  append: Append,
  environment: Environment,
  live: number,
  request: Request,
): Promise<Outcome> {
  const candidates = await releasedBuilds(tx, environment.id, live)
  const target = chooseTarget(candidates, request.to)
  if (!target) {
    const known = candidates
      .map(build => `${build.number} (\`${build.sha.slice(0, 7)}\`)`)
      .slice(0, 10)
      .join(', ')
    return refused(
      'no_such_build',
      candidates.length === 0
        ? `Build ${live} is the first that went live in **${environment.name}**; there is none before it.`
        : `**${environment.name}** has no earlier live build of that number or commit. Earlier ones: ${known}.`,
    )
  }
  await pin(tx, append, environment, request)
  await releaseBuild(tx, append, {
    environmentId: environment.id,
    buildId: target.id,
    kind: 'rollback',
    actor: request.actor,
  })
  return done(
    'rolled_back',
    `**${environment.name}** runs build ${target.number} (\`${target.sha.slice(0, 7)}\`) again instead of build ${live}. ${whatNow(environment)}`,
  )
}

async function rollbackFunction(
  tx: Tx,
  append: Append,
  environment: Environment,
  request: Request & { functionName: string },
): Promise<Outcome> {
  const one = await findFunctionByName(tx, environment.id, request.functionName)
  if (!one?.activeVersionId) {
    return refused(
      'no_such_function',
      `**${environment.name}** has no live function \`${request.functionName}\`.`,
    )
  }
  const versions = await listVersions(tx, one.id)
  const current = versions.find(version => version.id === one.activeVersionId)
  const earlier = versions.filter(version => version.number < (current?.number ?? 0))
  const builds = await Promise.all(earlier.map(version => findBuild(tx, version.buildId)))
  const candidates = earlier.map((version, index) => ({ ...version, sha: builds[index]?.sha ?? '' }))
  const target = chooseTarget(candidates, request.to)
  if (!target) {
    const known =
      candidates
        .map(version => `v${version.number}`)
        .slice(0, 10)
        .join(', ') || 'none'
    return refused('no_such_version', `\`${one.name}\` has no such earlier version. Earlier ones: ${known}.`)
  }
  await pin(tx, append, environment, request)
  await activateVersion(tx, one.id, target.id)
  const changes = { added: [], changed: [one.name], unchanged: [], archived: [], restored: [] }
  const buildId = environment.activeBuildId ?? target.buildId
  await insertRelease(tx, {
    environmentId: environment.id,
    buildId,
    kind: 'rollback',
    actor: request.actor,
    changes,
  })
  await append(tx, {
    ...about(environment, request),
    type: 'release.activated',
    functionId: one.id,
    data: { kind: 'rollback', changes },
  })
  return done(
    'rolled_back',
    `\`${one.name}\` runs v${target.number} (\`${target.sha.slice(0, 7)}\`) again instead of v${current?.number}. ${whatNow(environment)}`,
  )
}

async function pin(
  tx: Tx,
  append: Append,
  environment: Environment,
  { reason, actor }: Request,
): Promise<void> {
  await putOverlay(tx, {
    environmentId: environment.id,
    functionId: null,
    kind: 'pin',
    reason,
    actor,
    until: null,
  })
  await append(tx, { ...about(environment, { actor }), type: 'environment.pinned', data: { reason } })
}

function about(environment: Environment, { actor }: { actor: string }) {
  return {
    repositoryId: environment.repositoryId,
    environmentId: environment.id,
    buildId: environment.activeBuildId,
    pullNumber: environment.pullNumber,
    actor,
  }
}

function whatNow(environment: Environment): string {
  return `Executions that start from now on run it. The environment is pinned: pushes build but do not go live until \`/resume ${environment.name}\`.`
}
