// Keeps installations and repositories as GitHub has them. An event only says where to look: what is stored is what the API
// answers now, so order and repetition of events do not matter. Nothing is removed for being missing from a list alone:
// an event must have said so too, and the list must be whole (GITHUB.md finding 8).
import type { Db } from '../db/client.ts'
import type { Jobs } from '../db/jobs.ts'
import {
  type RepositorySaid,
  removeRepositoriesOf,
  removeRepository,
  saveRepository,
} from '../environments/repositories-store.ts'
import { findRepository } from '../environments/store.ts'
import { AppError } from '../errors.ts'
import { wantFailedAgain } from '../events/reports-store.ts'
import type { Log } from '../log.ts'
import { attempt, orNull } from './client/api-error.ts'
import type { Octokit } from './client/client.ts'
import { type PayloadRepository, Repository, read } from './deliveries/payloads.ts'
import {
  ensureInstallation,
  findInstallation,
  type InstallationSaid,
  markInstallationDeleted,
  saveInstallation,
} from './store.ts'

export interface InstallationDeps {
  db: Db
  jobs: Pick<Jobs, 'send'>
  octokitFor(installationId: number): Promise<Pick<Octokit, 'request' | 'paginate' | 'rest'>>
  asApp(): Promise<{ rest: { apps: Pick<Octokit['rest']['apps'], 'getInstallation'> } }>
  /** Tokens of an installation keep the rights they were made with. */
  forgetTokens?(installationId: number): Promise<void>
  log: Log
}

/** `removed`: the repositories an event says it no longer covers. */
export async function syncInstallation(
  deps: InstallationDeps,
  id: number,
  removed: readonly number[] = [],
): Promise<void> {
  const said = await readInstallation(deps, id)
  await deps.forgetTokens?.(id)
  if (!said) return endInstallation(deps, id)
  const covered = said.suspendedAt ? null : await listRepositories(deps, id)
  await deps.db.transaction(async tx => {
    await saveInstallation(tx, said)
    if (!covered) return
    for (const repository of covered) await saveRepository(tx, repository)
    const stillThere = new Set(covered.map(repository => repository.id))
    for (const gone of removed) if (!stillThere.has(gone)) await removeRepository(tx, gone)
    // Whatever could not be written for want of rights may work now.
    for (const reportId of await wantFailedAgain(tx)) {
      await deps.jobs.send(tx, 'report', { reportId }, reportId)
    }
  })
}

async function readInstallation(deps: InstallationDeps, id: number): Promise<InstallationSaid | null> {
  const app = await deps.asApp()
  const what = `Reading installation ${id}`
  const found = await orNull(what, () => app.rest.apps.getInstallation({ installation_id: id }))
  if (!found) return null
  const { account, permissions, suspended_at } = found.data
  if (!account) throw new AppError('unavailable', `${what}: GitHub named no account`)
  return {
    id,
    account: 'login' in account ? account.login : account.slug,
    accountId: account.id,
    permissions,
    suspendedAt: suspended_at ? new Date(suspended_at) : null,
  }
}

async function endInstallation(deps: InstallationDeps, id: number): Promise<void> {
  await deps.db.transaction(async tx => {
    await markInstallationDeleted(tx, id)
    await removeRepositoriesOf(tx, id)
  })
}

/** All of them. @throws when the pages do not add up to what GitHub counted. */
async function listRepositories(deps: InstallationDeps, installationId: number): Promise<RepositorySaid[]> {
  const what = `Listing the repositories of installation ${installationId}`
  return attempt(what, async () => {
    const octokit = await deps.octokitFor(installationId)
    const found: RepositorySaid[] = []
    let counted = 0
    const pages = octokit.paginate.iterator(octokit.rest.apps.listReposAccessibleToInstallation, {
      per_page: 100,
    })
    for await (const { data } of pages) {
      counted = data.total_count
      for (const one of data) found.push(toSaid(installationId, one))
    }
    if (found.length < counted) throw new AppError('unavailable', `${what}: some are missing`)
    return found
  })
}

export function toSaid(installationId: number, repository: PayloadRepository): RepositorySaid {
  return {
    id: repository.id,
    installationId,
    owner: repository.owner.login,
    name: repository.name,
    defaultBranch: repository.default_branch,
    private: repository.private,
  }
}

/** `deleted`: an event says it is; only then does GitHub's "not found" mean that it is. */
export async function syncRepository(
  deps: InstallationDeps,
  {
    installationId,
    repositoryId,
    deleted,
  }: { installationId: number; repositoryId: number; deleted: boolean },
): Promise<void> {
  const octokit = await deps.octokitFor(installationId)
  const found = await orNull(`Reading repository ${repositoryId}`, () =>
    octokit.request('GET /repositories/{id}', { id: repositoryId }),
  )
  if (found) return void (await store(deps, installationId, read(Repository, found.data)))
  if (deleted) await removeRepository(deps.db, repositoryId)
}

/** Stores a repository we did not know, or knew under another installation. False: it is none of ours any more. */
export async function ensureRepository(
  deps: InstallationDeps,
  installationId: number,
  repository: PayloadRepository,
): Promise<boolean> {
  const known = await findRepository(deps.db, repository.id)
  if (known && !known.removedAt && known.installationId === installationId) return true
  return store(deps, installationId, repository)
}

async function store(
  { db, log }: InstallationDeps,
  installationId: number,
  repository: PayloadRepository,
): Promise<boolean> {
  return db.transaction(async tx => {
    const { owner } = repository
    await ensureInstallation(tx, { id: installationId, account: owner.login, accountId: owner.id })
    const installation = await findInstallation(tx, installationId)
    if (installation?.deletedAt) {
      log.warn(
        { installationId, repositoryId: repository.id },
        'ignored: the App is no longer installed there',
      )
      return false
    }
    await saveRepository(tx, toSaid(installationId, repository))
    return true
  })
}
