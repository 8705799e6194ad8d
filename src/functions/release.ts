// Makes a build live, in its caller's transaction: versions, archive, restore, the switch, events. Executions that start
// after the commit run the new versions; those in flight finish on the old ones. Nothing of it touches an execution's row.
// Whoever commits it tells the workers then (announce-switch.ts).
import { crashPoint } from '../crash-point.ts'
import type { Tx } from '../db/client.ts'
import { type Environment, lockEnvironment, switchActiveBuild } from '../environments/store.ts'
import type { Core } from '../events/outbox.ts'
import type { Event } from '../events/types.ts'
import { type Changes, changesNothing, diffFunctions } from './diff.ts'
import { haltStarts } from './halt-starts.ts'
import { fingerprint, type Manifest } from './manifest.ts'
import { overlaysInForce } from './overlays-store.ts'
import { decideRelease, type HeldBecause } from './release-decision.ts'
import {
  activateVersion,
  ensureFunction,
  ensureVersion,
  type FunctionWithVersion,
  findBuild,
  insertRelease,
  listFunctions,
  setArchived,
  type Version,
} from './store.ts'

export interface ReleaseRequest {
  environmentId: string
  buildId: string
  kind: 'deploy' | 'rollback' | 'resume' | 'promote'
  actor: string
}

export type Released =
  | { kind: 'activated'; releaseId: string; changes: Changes }
  | { kind: 'held'; reason: HeldBecause }

type Stored = Pick<Core, 'pool' | 'append'>

export async function releaseBuild(tx: Tx, core: Stored, request: ReleaseRequest): Promise<Released> {
  const environment = await lockEnvironment(tx, request.environmentId)
  const build = await findBuild(tx, request.buildId)
  if (!build?.manifest) throw new Error(`build ${request.buildId} has nothing to release`)
  const active = environment.activeBuildId ? await findBuild(tx, environment.activeBuildId) : null
  const overlays = await overlaysInForce(tx, environment.id)
  const decision = decideRelease({
    kind: request.kind,
    closed: environment.closedAt !== null,
    pinned: overlays.some(overlay => overlay.kind === 'pin'),
    activeNumber: active?.number ?? null,
    number: build.number,
  })
  if (decision !== 'activate') return hold(tx, core, environment, request, decision)

  const live = await listFunctions(tx, environment.id)
  const changes = diffFunctions(
    live.map(toLive),
    build.manifest.map(one => ({ name: one.name, fingerprint: fingerprint(one) })),
  )
  if (request.buildId === environment.activeBuildId && changesNothing(changes)) {
    return { kind: 'held', reason: 'current' }
  }
  const versions = await makeVersions(tx, environment.id, build.id, build.manifest, changes)
  crashPoint('cutover.versions')
  await switchActiveBuild(tx, environment.id, build.id)
  crashPoint('cutover.switched')
  const releaseId = await insertRelease(tx, { ...request, changes })
  await core.append(tx, ...eventsOf(environment, request, live, changes))
  // Last, because claims of these functions wait from here on to the commit.
  for (const { functionId, id } of versions) await activateVersion(tx, functionId, id)
  await archiveAndRestore(tx, live, changes)
  crashPoint('cutover.archived')
  const switched = new Set([...changes.changed, ...changes.archived])
  const takenOver = (one: FunctionWithVersion) => one.origin === 'upload' && changes.added.includes(one.name)
  const functionIds = live.filter(one => switched.has(one.name) || takenOver(one)).map(one => one.id)
  await haltStarts(tx, core.pool, { environmentId: environment.id, functionIds })
  crashPoint('cutover.before_commit')
  return { kind: 'activated', releaseId, changes }
}

async function hold(
  tx: Tx,
  { append }: Stored,
  environment: Environment,
  request: ReleaseRequest,
  reason: HeldBecause,
) {
  await append(tx, { ...about(environment, request), type: 'release.held', data: { reason } })
  return { kind: 'held' as const, reason }
}

function toLive(one: FunctionWithVersion) {
  const isCode = one.origin === 'code'
  return {
    name: one.name,
    fingerprint: isCode ? (one.version?.fingerprint ?? null) : null,
    archived: one.archivedBecause,
  }
}

async function makeVersions(
  tx: Tx,
  environmentId: string,
  buildId: string,
  manifest: Manifest,
  changes: Changes,
): Promise<Version[]> {
  const versions: Version[] = []
  const unchanged = new Set(changes.unchanged) // they have their version, and it is the live one
  for (const found of manifest) {
    if (unchanged.has(found.name)) continue
    const one = await ensureFunction(tx, environmentId, found.name)
    versions.push(await ensureVersion(tx, one.id, buildId, found))
  }
  return versions
}

async function archiveAndRestore(tx: Tx, live: FunctionWithVersion[], changes: Changes): Promise<void> {
  const archived = new Set(changes.archived)
  const restored = new Set(changes.restored)
  for (const { id, name } of live) {
    if (archived.has(name)) await setArchived(tx, id, 'removed_from_code')
    if (restored.has(name)) await setArchived(tx, id, null)
  }
}

function about(environment: Environment, request: ReleaseRequest) {
  return {
    repositoryId: environment.repositoryId,
    environmentId: environment.id,
    buildId: request.buildId,
    pullNumber: environment.pullNumber,
    actor: request.actor,
  }
}

function eventsOf(
  environment: Environment,
  request: ReleaseRequest,
  live: FunctionWithVersion[],
  changes: Changes,
): Event[] {
  const base = about(environment, request)
  const idOf = new Map(live.map(one => [one.name, one.id]))
  const each = (type: 'function.archived' | 'function.restored', names: string[]): Event[] =>
    names.flatMap(name => {
      const functionId = idOf.get(name)
      return functionId ? [{ ...base, type, functionId, data: { name } }] : []
    })
  const replaced = environment.activeBuildId
  return [
    { ...base, type: 'release.activated', data: { kind: request.kind, changes, replaced } },
    // The build that was live until now has reports too: its deployment becomes inactive.
    ...(replaced && replaced !== request.buildId
      ? [{ ...base, type: 'release.replaced' as const, buildId: replaced }]
      : []),
    ...each('function.archived', changes.archived),
    ...each('function.restored', changes.restored),
  ]
}
