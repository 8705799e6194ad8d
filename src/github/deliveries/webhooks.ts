// An ordinary Probot application. Each handler translates a payload into one call of a verb and decides nothing: the verbs
// read the world themselves, so repeated, reordered and late deliveries come to the same end. What a handler throws makes
// its delivery be tried again.
import type { EmitterWebhookEventName } from '@octokit/webhooks'
import type { Probot } from 'probot'
import type { z } from 'zod'
import { buildsOfCommit, isBuildOf } from '../../builds/views/view-store.ts'
import type { Press } from '../../commands/press.ts'
import type { Comment } from '../../commands/receive.ts'
import type { Db } from '../../db/client.ts'
import {
  ensureRepository,
  type InstallationDeps,
  syncInstallation,
  syncRepository,
} from '../installations.ts'
import type { MergeGroup as MergeGroupAsked } from '../reports/checks/merge-queue.ts'
import { repeatChecks } from '../reports/checks/repeat-checks.ts'
import {
  CheckRun,
  CheckSuite,
  CommitComment,
  Installation,
  IssueComment,
  MergeGroup,
  PullRequest,
  Push,
  RepositoryEvent,
  read,
} from './payloads.ts'

/** What the handlers set in motion; app.ts hands in the domains' verbs. */
export interface WebhookDeps extends InstallationDeps {
  db: Db
  appId: number
  syncBranch(input: { repositoryId: number; branch: string }): Promise<unknown>
  syncPull(input: { repositoryId: number; number: number }): Promise<unknown>
  rebuild(input: { buildId: string; actor: string }): Promise<unknown>
  requestMergeChecks(group: MergeGroupAsked): Promise<unknown>
  receiveComment(comment: Comment): Promise<unknown>
  /** Something can be reached that could not before: look where it stands. */
  reconcileSoon(): Promise<unknown>
  receivePress(press: Press): Promise<unknown>
}

/** `id`: of the delivery. */
type Handle = (deps: WebhookDeps, payload: unknown, id: string) => Promise<unknown>

const table = {
  push: onPush,
  'pull_request.opened': onPull,
  'pull_request.synchronize': onPull,
  'pull_request.reopened': onPull,
  'pull_request.closed': onPull,
  'issue_comment.created': onComment,
  'commit_comment.created': onCommitComment,
  'check_run.rerequested': onCheckRun,
  'check_run.requested_action': onButton,
  'check_suite.rerequested': onCheckSuite,
  'merge_group.checks_requested': onMergeGroup,
  'installation.created': onInstallation,
  'installation.deleted': onInstallation,
  'installation.suspend': onInstallation,
  'installation.unsuspend': onInstallation,
  'installation.new_permissions_accepted': onInstallation,
  'installation_repositories.added': onInstallation,
  'installation_repositories.removed': onInstallation,
  'installation_target.renamed': onInstallation,
  'repository.renamed': onRepository,
  'repository.transferred': onRepository,
  'repository.edited': onRepository,
  'repository.deleted': onRepository,
  'repository.privatized': onRepository,
  'repository.publicized': onRepository,
} satisfies Partial<Record<EmitterWebhookEventName, Handle>>

type Heard = keyof typeof table
const isInTable = (name: string): name is Heard => Object.hasOwn(table, name)
const heard = Object.keys(table).filter(isInTable)

/** Whether any handler listens: anything else is answered and forgotten (GITHUB.md section 3, must-have 6). */
export function isHeard(event: string, action: string | null): boolean {
  return isInTable(event) || (action !== null && isInTable(`${event}.${action}`))
}

export function handlers(deps: WebhookDeps): (app: Probot) => void {
  return app => {
    for (const name of heard) {
      const handle: Handle = table[name]
      app.on(name, async ({ payload, id }) => {
        await handle(deps, payload, id)
      })
    }
  }
}

const branchPrefix = 'refs/heads/'
const mergeQueuePrefix = 'refs/heads/gh-readonly-queue/'

async function onPush(deps: WebhookDeps, payload: unknown): Promise<void> {
  const { ref, deleted, installation, repository } = read(Push, payload)
  // Tags build nothing; the merge queue's branches are GitHub's own; a deleted branch leaves its environments as they are.
  if (!ref.startsWith(branchPrefix) || ref.startsWith(mergeQueuePrefix) || deleted) return
  if (!(await ensureRepository(deps, installation.id, repository))) return
  await deps.syncBranch({ repositoryId: repository.id, branch: ref.slice(branchPrefix.length) })
}

async function onPull(deps: WebhookDeps, payload: unknown): Promise<void> {
  const { number, installation, repository } = read(PullRequest, payload)
  if (!(await ensureRepository(deps, installation.id, repository))) return
  await deps.syncPull({ repositoryId: repository.id, number })
}

async function onComment(deps: WebhookDeps, payload: unknown): Promise<void> {
  const { comment, issue, installation, repository } = read(IssueComment, payload)
  const said = saidBy(deps, comment)
  if (!said || !(await ensureRepository(deps, installation.id, repository))) return
  await deps.receiveComment({
    ...said,
    repositoryId: repository.id,
    issueNumber: issue.number,
    commitSha: null,
    isPull: issue.pull_request != null,
    isOpen: issue.state === 'open',
  })
}

async function onCommitComment(deps: WebhookDeps, payload: unknown): Promise<void> {
  const { comment, installation, repository } = read(CommitComment, payload)
  const said = saidBy(deps, comment)
  if (!said || !(await ensureRepository(deps, installation.id, repository))) return
  await deps.receiveComment({
    ...said,
    repositoryId: repository.id,
    issueNumber: null,
    commitSha: comment.commit_id,
    isPull: false,
    isOpen: true,
  })
}

/** Null: by a bot. Bots, and we among them, give no commands: two of them could talk to each other for ever. */
function saidBy(
  { appId }: WebhookDeps,
  comment: Pick<
    z.output<typeof IssueComment>['comment'],
    'id' | 'body' | 'created_at' | 'user' | 'performed_via_github_app'
  >,
) {
  const { id: commentId, body, user, created_at, performed_via_github_app: app } = comment
  if (!user || user.type === 'Bot' || app?.id === appId) return null
  return { commentId, body, actor: user.login, actorIsBot: false, commentedAt: new Date(created_at) }
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

async function onCheckRun(deps: WebhookDeps, payload: unknown): Promise<void> {
  const { check_run, repository, sender } = read(CheckRun, payload)
  const buildId = check_run.external_id
  if (!buildId || !uuid.test(buildId))
    return repeatChecks(deps, { repositoryId: repository.id, sha: check_run.head_sha })
  if (!(await isBuildOf(deps.db, repository.id, buildId))) return
  await deps.rebuild({ buildId, actor: sender.login })
}

async function onButton(deps: WebhookDeps, payload: unknown, deliveryId: string): Promise<void> {
  const { check_run, requested_action, repository, sender } = read(CheckRun, payload)
  const buildId = check_run.external_id
  if (!buildId || !uuid.test(buildId) || !requested_action) return
  const { identifier: button } = requested_action
  await deps.receivePress({ repositoryId: repository.id, buildId, button, actor: sender.login, deliveryId })
}

/** "Re-run all" and "re-run failed" send this one, and its `pull_requests` may be empty: the commit says which builds. */
async function onCheckSuite(deps: WebhookDeps, payload: unknown): Promise<void> {
  const { check_suite, repository, sender } = read(CheckSuite, payload)
  await repeatChecks(deps, { repositoryId: repository.id, sha: check_suite.head_sha })
  for (const buildId of await buildsOfCommit(deps.db, repository.id, check_suite.head_sha)) {
    await deps.rebuild({ buildId, actor: sender.login })
  }
}

async function onMergeGroup(deps: WebhookDeps, payload: unknown): Promise<void> {
  const { merge_group, installation, repository } = read(MergeGroup, payload)
  if (!(await ensureRepository(deps, installation.id, repository))) return
  const { head_sha: sha, head_ref: ref } = merge_group
  await deps.requestMergeChecks({ repositoryId: repository.id, sha, ref })
}

async function onInstallation(deps: WebhookDeps, payload: unknown): Promise<void> {
  const { installation, repositories_removed = [] } = read(Installation, payload)
  await syncInstallation(
    deps,
    installation.id,
    repositories_removed.map(removed => removed.id),
  )
  await deps.reconcileSoon()
}

async function onRepository(deps: WebhookDeps, payload: unknown): Promise<void> {
  const { action, installation, repository } = read(RepositoryEvent, payload)
  const deleted = action === 'deleted'
  await syncRepository(deps, { installationId: installation.id, repositoryId: repository.id, deleted })
  await deps.reconcileSoon()
}
