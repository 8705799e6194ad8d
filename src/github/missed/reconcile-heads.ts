// One repository brought to where its branches and open pull requests stand: two listings, free where nothing changed, then one
// verb for each that moved. Commits in between are not built: the verbs read the head. What could not be done is seen again
// in the next round, because its head is noted only when it was.
import { z } from 'zod'
import { saveHeads } from '../../environments/repositories-store.ts'
import type { Repository } from '../../environments/store.ts'
import { messageOf } from '../../errors.ts'
import { attempt, orNull } from '../client/api-error.ts'
import type { Conditional, Requests } from '../client/conditional.ts'
import { read } from '../deliveries/payloads.ts'
import {
  type Branch,
  headsOf,
  keyOfPull,
  movedBranches,
  movedPulls,
  type OpenPull,
  previewsWithoutPull,
} from './heads.ts'
import { knownOf } from './heads-store.ts'
import type { ReconcileDeps } from './reconcile.ts'

const Branches = z.array(
  z
    .object({ name: z.string(), commit: z.object({ sha: z.string() }) })
    .transform(({ name, commit }): Branch => ({ name, sha: commit.sha })),
)
const time = z.iso.datetime({ offset: true }).transform(text => new Date(text))
const Place = z.object({ sha: z.string(), repo: z.object({ id: z.number() }).nullable() })
const Pulls = z.array(
  z
    .object({ number: z.int().positive(), created_at: time, updated_at: time, head: Place, base: Place })
    .transform(
      ({ number, created_at, updated_at, head, base }): OpenPull => ({
        ...{ number, sha: head.sha, fromFork: head.repo?.id !== base.repo?.id },
        ...{ createdAt: created_at, updatedAt: updated_at },
      }),
    ),
)
const Committed = z.object({ commit: z.object({ committer: z.object({ date: time }).nullable() }) })

export interface Reconciled {
  /** What was behind and is not any more. */
  synced: string[]
  failed: number
  /** Pull requests that are not open although their preview is. */
  gone: number[]
}

export interface Look {
  deps: ReconcileDeps
  conditional: Conditional
  /** When all repositories were looked at before. */
  lastLook: Date | null
}

export async function reconcileHeads(look: Look, repository: Repository): Promise<Reconciled> {
  const { deps, conditional, lastLook } = look
  const octokit = await deps.octokitFor(repository.installationId)
  const path = `/repositories/${repository.id}`
  const what = `Looking where ${repository.owner}/${repository.name} stands`
  const [branches, pulls] = await attempt(
    what,
    async () =>
      [
        await conditional.all(octokit, `${path}/branches?per_page=100`, data => read(Branches, data)),
        await conditional.all(octokit, `${path}/pulls?state=open&per_page=100`, data => read(Pulls, data)),
      ] as const,
  )
  const shas = [...branches, ...pulls].map(({ sha }) => sha)
  const known = await knownOf(deps.core.db, repository, shas, lastLook)
  const isNew = (sha: string) => isNewerThan(octokit, path, sha, known.since)
  const work = [
    ...(await chosen(movedBranches(known, branches), isNew)).map(({ name }) => ({
      key: name,
      sync: () => deps.syncBranch({ repositoryId: repository.id, branch: name }),
    })),
    ...(await chosen(movedPulls(known, pulls), isNew)).map(({ number }) => ({
      key: keyOfPull(number),
      sync: () => deps.syncPull({ repositoryId: repository.id, number }),
    })),
  ]
  const failed = await syncAll(deps, repository, work)
  const heads = headsOf(known, branches, pulls)
  for (const key of failed) delete heads[key]
  if (!isSame(heads, repository.heads)) await saveHeads(deps.core.db, repository.id, heads)
  const synced = work.map(({ key }) => key).filter(key => !failed.has(key))
  return { synced, failed: failed.size, gone: previewsWithoutPull(known, pulls) }
}

async function chosen<T extends { sha: string }>(
  { sync, ask }: { sync: T[]; ask: T[] },
  isNew: (sha: string) => Promise<boolean>,
): Promise<T[]> {
  const all = [...sync]
  for (const one of ask) if (await isNew(one.sha)) all.push(one)
  return all
}

async function isNewerThan(octokit: Requests, path: string, sha: string, since: Date): Promise<boolean> {
  const url = `${path}/commits/${encodeURIComponent(sha)}`
  const found = await orNull(`Reading commit ${sha}`, () => octokit.request({ method: 'GET', url }))
  const date = found && read(Committed, found.data).commit.committer?.date
  // git knows whole seconds.
  return date ? date.getTime() + 1_000 > since.getTime() : false
}

async function syncAll(
  { log }: ReconcileDeps,
  repository: Repository,
  work: readonly { key: string; sync(): Promise<unknown> }[],
): Promise<Set<string>> {
  const failed = new Set<string>()
  for (const { key, sync } of work) {
    try {
      await sync()
    } catch (error) {
      failed.add(key)
      log.warn({ error, repository: repository.id, head: key }, `reconciling ${key}: ${messageOf(error)}`)
    }
  }
  return failed
}

function isSame(a: Record<string, string>, b: Record<string, string>): boolean {
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every(key => a[key] === b[key])
}
