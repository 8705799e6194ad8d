// What follows when a ref moves, however it moved: the push and its companions, a check suite for each App, pull
// requests that now have another head, are merged or lost their branch.

import { requestSuites } from './check-suites.ts'
import { emit } from './events.ts'
import { commitOf, listRefs, setHead } from './git/bare.ts'
import { isAncestor, listShas, readCommit, readListed } from './git/commits.ts'
import { namesOfCommits } from './git/diff.ts'
import { zeroSha } from './git/run.ts'
import type { RefChange } from './git/smart-http.ts'
import { formatPushedCommit } from './payloads/commit.ts'
import { formatPushedRepository } from './payloads/repository.ts'
import { followBranch } from './pull-heads.ts'
import type { Repository } from './state.ts'
import { directoryOf, findAccount, fullName, now, type World } from './world.ts'

// GitHub lists no more commits than this in one push, without saying so, and keeps silent about pushes of more tags.
const maxCommits = 2048
const maxTags = 3

export async function refsChanged(
  world: World,
  repository: Repository,
  changes: RefChange[],
  login: string,
): Promise<void> {
  await chooseDefaultBranch(world, repository, changes)
  const tags = changes.filter(change => change.ref.startsWith('refs/tags/')).length
  for (const change of changes) {
    const isTag = change.ref.startsWith('refs/tags/')
    if (!isTag && !change.ref.startsWith('refs/heads/')) continue
    if (isTag && tags > maxTags) continue
    await refChanged(world, repository, change, login)
  }
  world.save()
}

/** The first branch pushed to an empty repository becomes its default. */
async function chooseDefaultBranch(
  world: World,
  repository: Repository,
  changes: RefChange[],
): Promise<void> {
  const directory = directoryOf(world, repository)
  if (await commitOf(directory, `refs/heads/${repository.defaultBranch}`)) return
  const first = changes.find(change => change.ref.startsWith('refs/heads/') && change.new !== zeroSha)
  if (!first) return
  repository.defaultBranch = first.ref.slice('refs/heads/'.length)
  await setHead(directory, repository.defaultBranch)
}

async function refChanged(
  world: World,
  repository: Repository,
  change: RefChange,
  login: string,
): Promise<void> {
  repository.pushedAt = now()
  repository.updatedAt = repository.pushedAt
  const pushed = await pushBody(world, repository, change, login)
  emit(world, repository, { event: 'push', sender: login, body: pushed })
  announceRef(world, repository, change, login)
  if (!change.ref.startsWith('refs/heads/')) return
  if (change.new !== zeroSha) await requestSuites(world, repository, change, login)
  await followBranch(world, repository, change, login)
}

function announceRef(world: World, repository: Repository, change: RefChange, login: string): void {
  const isTag = change.ref.startsWith('refs/tags/')
  const body = {
    ref: change.ref.replace(/^refs\/(heads|tags)\//, ''),
    ref_type: isTag ? 'tag' : 'branch',
    pusher_type: 'user',
  }
  if (change.old === zeroSha) {
    const more = { master_branch: repository.defaultBranch, description: repository.description }
    emit(world, repository, { event: 'create', sender: login, body: { ...body, ...more } })
  }
  if (change.new === zeroSha) emit(world, repository, { event: 'delete', sender: login, body })
}

async function pushBody(world: World, repository: Repository, change: RefChange, login: string) {
  const commits = await pushedCommits(world, repository, change)
  const deleted = change.new === zeroSha
  return {
    ref: change.ref,
    before: change.old,
    after: change.new,
    base_ref: null,
    created: change.old === zeroSha,
    deleted,
    forced: await isForced(directoryOf(world, repository), change),
    compare: `${world.url}/${fullName(repository)}/compare/${change.old.slice(0, 12)}...${change.new.slice(0, 12)}`,
    commits,
    head_commit: deleted ? null : await headCommit(world, repository, change.new),
    pusher: { name: login, email: findAccount(world, login)?.email ?? null },
    repository: formatPushedRepository(world, repository),
  }
}

async function isForced(directory: string, change: RefChange): Promise<boolean> {
  if (change.old === zeroSha || change.new === zeroSha) return false
  return !(await isAncestor(directory, change.old, change.new))
}

async function headCommit(world: World, repository: Repository, revision: string) {
  const directory = directoryOf(world, repository)
  const sha = await commitOf(directory, revision)
  if (!sha) return null
  const commit = await readCommit(directory, sha)
  const names = await namesOfCommits(directory, [commit])
  return formatPushedCommit(world, repository, commit, names.get(sha) ?? noNames())
}

const noNames = () => ({ added: [], modified: [], removed: [] })

async function pushedCommits(world: World, repository: Repository, change: RefChange) {
  const directory = directoryOf(world, repository)
  const shas = await newCommits(directory, change)
  if (shas.length === 0) return []
  const known = await readListed(directory, shas)
  const names = await namesOfCommits(directory, known)
  return known.map(commit =>
    formatPushedCommit(world, repository, commit, names.get(commit.sha) ?? noNames()),
  )
}

/** Oldest first. Those of a new branch are the ones no other branch has; a tag brings none. */
async function newCommits(directory: string, change: RefChange): Promise<string[]> {
  if (change.new === zeroSha || change.ref.startsWith('refs/tags/')) return []
  if (change.old !== zeroSha) return listShas(directory, [`${change.old}..${change.new}`], maxCommits)
  const heads = await listRefs(directory, 'refs/heads')
  const others = heads.filter(head => head.name !== change.ref).map(head => head.sha)
  return listShas(directory, [change.new, ...(others.length > 0 ? ['--not', ...others] : [])], maxCommits)
}
