// Admits a commit into environments, those of a push all in one transaction: to each a row with its job, or without one where
// nothing it is built of has changed, or the build that is there already. Older ones under way are superseded: what they
// would make live is no longer wanted.

import type { Tx } from '../../db/client.ts'
import { type Environment, lockEnvironments } from '../../environments/store.ts'
import type { Core } from '../../events/outbox.ts'
import type { Event } from '../../events/types.ts'
import type { Commit, TreeEntry } from '../ports.ts'
import { type Compared, standingBuilds } from '../scope/compare.ts'
import { type Admission, admitBuild, endsFailure, type Known } from './admission.ts'
import {
  type Build,
  endBuilds,
  insertBuilds,
  listForAdmission,
  pinnedEnvironments,
} from './admission-store.ts'

export interface Request {
  commit: Commit
  ref: string
  /** Build this commit once more, although its newest build is finished. */
  again: boolean
  actor: string
  /** What the commit holds; null: not known, so it is built. */
  tree: TreeEntry[] | null
}

/** Resolves to the build's id; null: the environment is closed. */
export async function admit(core: Core, environmentId: string, request: Request): Promise<string | null> {
  return (await admitAll(core, [environmentId], request)).get(environmentId) ?? null
}

/** Resolves to the ids of the builds, by environment; closed ones have none. */
export function admitAll(
  core: Core,
  environmentIds: string[],
  request: Request,
): Promise<Map<string, string>> {
  if (environmentIds.length === 0) return Promise.resolve(new Map())
  return core.db.transaction(async tx => {
    const open = (await lockEnvironments(tx, environmentIds)).filter(({ closedAt }) => closedAt === null)
    const ids = open.map(environment => environment.id)
    const known = await listForAdmission(tx, ids)
    const compared = await compare(tx, open, request)
    const decided = open.map(environment => {
      const builds = known.get(environment.id) ?? []
      const { commit, again } = request
      const sameAs = compared.get(environment.id)?.id ?? null
      return { environment, known: builds, decision: admitBuild(builds, { sha: commit.sha, again, sameAs }) }
    })
    return carryOut(core, tx, request, decided)
  })
}

interface Decided {
  environment: Environment
  decision: Admission
  known: readonly Known[]
}

async function compare(
  tx: Tx,
  open: Environment[],
  { tree, again }: Request,
): Promise<Map<string, Compared>> {
  if (tree === null || again || open.length === 0) return new Map()
  const pinned = await pinnedEnvironments(
    tx,
    open.map(environment => environment.id),
  )
  return standingBuilds(tx, open, pinned, tree)
}

async function carryOut(
  core: Core,
  tx: Tx,
  request: Request,
  decided: Decided[],
): Promise<Map<string, string>> {
  const { commit, ref } = request
  const supersede = decided.flatMap(({ decision }) => decision.supersede)
  const ended = await endBuilds(tx, supersede, 'superseded')
  const rows = decided.flatMap(({ environment: { id: environmentId }, decision }) => {
    if (decision.kind === 'known') return []
    const sameAsBuildId = decision.kind === 'unchanged' ? decision.sameAs : null
    return [{ ...commit, environmentId, number: decision.number, ref, sameAsBuildId }]
  })
  const ids = await insertBuilds(tx, rows)
  const events = decided.flatMap(one => [
    ...supersededEvents(one, ended, request),
    ...admittedEvents(one, ids.get(one.environment.id), request),
  ])
  await core.append(tx, ...events)
  const queued = decided.filter(({ decision }) => decision.kind === 'build')
  await core.jobs.sendAll(
    tx,
    'build',
    queued.flatMap(({ environment: { id, repositoryId } }) => {
      const buildId = ids.get(id)
      return buildId ? [{ data: { buildId }, key: buildId, group: String(repositoryId) }] : []
    }),
  )
  const known = decided.flatMap(({ environment: { id }, decision }): [string, string][] =>
    decision.kind === 'known' ? [[id, decision.buildId]] : [],
  )
  return new Map([...ids, ...known])
}

function supersededEvents({ environment }: Decided, ended: Build[], { commit, actor }: Request): Event[] {
  const own = ended.filter(build => build.environmentId === environment.id)
  return own.map(build => ({
    ...about(environment, actor),
    type: 'build.superseded',
    buildId: build.id,
    data: { by: commit.sha },
  }))
}

function admittedEvents(
  { environment, decision, known }: Decided,
  buildId: string | undefined,
  { commit: { sha }, actor }: Request,
): Event[] {
  if (!buildId) return []
  const admitted = { ...about(environment, actor), buildId }
  if (decision.kind === 'build') return [{ ...admitted, type: 'build.queued', data: { sha } }]
  const recovered = endsFailure(known)
  return [{ ...admitted, type: 'build.unchanged', data: { sha, recovered } }]
}

function about({ id, repositoryId, pullNumber }: Environment, actor: string) {
  return { repositoryId, environmentId: id, pullNumber, actor }
}
