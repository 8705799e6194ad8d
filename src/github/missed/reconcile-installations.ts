// Installations and repositories as GitHub lists them, against what we know: where word of an installation, a removal, a
// suspension, a rename, a transfer or another default branch never came. What a list lacks is asked for by itself, and removed
// only on GitHub's word that it is gone; too many at once are left, and told (GITHUB.md finding 8, must-have 47).
import { z } from 'zod'
import { removeRepository, saveRepository } from '../../environments/repositories-store.ts'
import type { Repository as KnownRepository } from '../../environments/store.ts'
import { AppError, messageOf } from '../../errors.ts'
import { attempt, orNull } from '../client/api-error.ts'
import type { Conditional, Requests } from '../client/conditional.ts'
import { type PayloadRepository, Repository, read } from '../deliveries/payloads.ts'
import { syncInstallation, toSaid } from '../installations.ts'
import { isTooMany } from './heads.ts'
import { listInstallations, listRepositoriesOf } from './heads-store.ts'
import type { ReconcileDeps } from './reconcile.ts'

const Installations = z.array(
  z.object({
    id: z.int().positive(),
    account: z.object({ login: z.string().optional(), slug: z.string().optional() }).nullable(),
    permissions: z.record(z.string(), z.string()),
    suspended_at: z.string().nullish(),
  }),
)
type Listed = z.output<typeof Installations>[number]
type Known = Awaited<ReturnType<typeof listInstallations>>[number]

export async function reconcileInstallations(deps: ReconcileDeps, conditional: Conditional): Promise<void> {
  const { db } = deps.core
  const app = await deps.asApp()
  const listed = await attempt('Listing where the App is installed', () =>
    conditional.all(app, '/app/installations?per_page=100', data => read(Installations, data)),
  )
  const known = new Map((await listInstallations(db)).map(one => [one.id, one]))
  const there = new Set(listed.map(({ id }) => id))
  const missing = [...known.keys()].filter(id => !there.has(id))
  for (const one of listed)
    await each(deps, one.id, () => reconcile(deps, conditional, one, known.get(one.id)))
  if (isTooMany(missing.length, known.size)) {
    const said = `GitHub lists ${missing.length} of ${known.size} installations no more`
    return deps.log.error({ missing }, `${said}: nothing was removed. Is it still the same App?`)
  }
  for (const id of missing) await each(deps, id, () => syncInstallation(deps.installation, id))
}

async function each(deps: ReconcileDeps, installationId: number, work: () => Promise<void>): Promise<void> {
  await work().catch(error => {
    deps.log.warn(
      { error, installationId },
      `reconciling installation ${installationId}: ${messageOf(error)}`,
    )
  })
}

async function reconcile(
  deps: ReconcileDeps,
  conditional: Conditional,
  listed: Listed,
  known: Known | undefined,
): Promise<void> {
  if (!known || isOther(known, listed)) await syncInstallation(deps.installation, listed.id)
  if (listed.suspended_at) return
  const octokit = await deps.octokitFor(listed.id)
  const covered = await listCovered(octokit, conditional, listed.id)
  const ours = new Map((await listRepositoriesOf(deps.core.db, listed.id)).map(one => [one.id, one]))
  const changed = covered
    .map(repository => toSaid(listed.id, repository))
    .filter(said => !isSame(said, ours.get(said.id)))
  await deps.core.db.transaction(async tx => {
    for (const said of changed) await saveRepository(tx, said)
  })
  const there = new Set(covered.map(({ id }) => id))
  await removeGone(
    deps,
    [...ours.values()].filter(({ id }) => !there.has(id)),
    ours.size,
  )
}

function isOther(known: Known, { account, permissions, suspended_at }: Listed): boolean {
  const name = account?.login ?? account?.slug
  const wasGranted = Object.entries(permissions).every(([what, access]) => known.permissions[what] === access)
  const isAsMany = Object.keys(known.permissions).length === Object.keys(permissions).length
  return (
    known.account !== name || Boolean(suspended_at) !== Boolean(known.suspendedAt) || !wasGranted || !isAsMany
  )
}

const Covered = z.object({ total_count: z.int(), repositories: z.array(Repository) })

async function listCovered(
  octokit: Requests,
  conditional: Conditional,
  installationId: number,
): Promise<PayloadRepository[]> {
  const what = `Listing the repositories of installation ${installationId}`
  // The address alone says nothing of whose they are.
  const url = `/installation/repositories?per_page=100&installation=${installationId}`
  const pages = await attempt(what, () => conditional.all(octokit, url, data => [read(Covered, data)]))
  const found = pages.flatMap(page => page.repositories)
  if (pages.some(({ total_count }) => found.length < total_count))
    throw new AppError('unavailable', `${what}: some are missing`)
  return found
}

function isSame(said: ReturnType<typeof toSaid>, known: KnownRepository | undefined): boolean {
  return (
    known !== undefined &&
    known.owner === said.owner &&
    known.name === said.name &&
    known.defaultBranch === said.defaultBranch &&
    known.private === said.private
  )
}

async function removeGone(deps: ReconcileDeps, missing: KnownRepository[], all: number): Promise<void> {
  const app = await deps.asApp()
  const gone: KnownRepository[] = []
  for (const repository of missing) {
    const { owner, name } = repository
    const said = await orNull(`Asking whether the App still covers ${owner}/${name}`, () =>
      app.request('GET /repos/{owner}/{repo}/installation', { owner, repo: name }),
    )
    if (!said) gone.push(repository)
  }
  if (isTooMany(gone.length, all)) {
    const said = `${gone.length} of ${all} repositories are not the App’s any more`
    return deps.log.error({ gone: gone.map(({ id }) => id) }, `${said}: nothing was removed`)
  }
  for (const { id, owner, name } of gone) {
    await removeRepository(deps.core.db, id)
    deps.log.info({ repository: id }, `${owner}/${name} is not the App’s any more: removed`)
  }
}
