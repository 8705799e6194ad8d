// How GitHub writes a pull request. Its numbers (commits, files, mergeable) are asked of git each time.
import { listShas, mergeBase } from '../git/commits.ts'
import { countChanges } from '../git/diff.ts'
import { mergedTree } from '../git/write.ts'
import { association } from '../permission.ts'
import type { PullIssue, Repository } from '../state.ts'
import { directoryOf, fullName, type World } from '../world.ts'
import { formatAccount } from './account.ts'
import { formatLabel, issueAddress } from './issue.ts'
import { formatRepository } from './repository.ts'

export async function formatPull(world: World, repository: Repository, issue: PullIssue) {
  const { pull } = issue
  return {
    ...addresses(world, repository, issue),
    id: issue.id,
    node_id: `PR_${issue.id}`,
    number: issue.number,
    state: issue.state,
    locked: false,
    title: issue.title,
    user: formatAccount(world, issue.login),
    body: issue.body,
    created_at: issue.createdAt,
    updated_at: issue.updatedAt,
    closed_at: issue.closedAt,
    merged_at: pull.mergedAt,
    merge_commit_sha: pull.mergeCommitSha,
    assignee: null,
    assignees: [],
    requested_reviewers: [],
    requested_teams: [],
    labels: issue.labels.map(label => formatLabel(world, repository, label)),
    milestone: null,
    head: formatHead(world, issue),
    base: {
      label: `${repository.owner}:${pull.base.ref}`,
      ref: pull.base.ref,
      sha: pull.base.sha,
      user: formatAccount(world, repository.owner),
      repo: formatRepository(world, repository),
    },
    author_association: association(world, repository, issue.login),
    auto_merge: null,
    active_lock_reason: null,
    draft: pull.draft,
    merged: pull.merged,
    rebaseable: null,
    merged_by: pull.mergedBy ? formatAccount(world, pull.mergedBy) : null,
    comments: repository.comments.filter(comment => comment.issue === issue.number).length,
    review_comments: 0,
    maintainer_can_modify: pull.head.repository !== repository.id,
    ...(await pullNumbers(world, repository, issue)),
  }
}

function formatHead(world: World, { pull }: PullIssue) {
  const { head } = pull
  const repository = world.state.repositories.find(candidate => candidate.id === head.repository)
  return {
    label: `${head.owner}:${head.ref}`,
    ref: head.ref,
    sha: head.sha,
    user: formatAccount(world, head.owner),
    repo: repository ? formatRepository(world, repository) : null,
  }
}

async function pullNumbers(world: World, repository: Repository, issue: PullIssue) {
  const { pull } = issue
  const directory = directoryOf(world, repository)
  const from = (await mergeBase(directory, pull.base.sha, pull.head.sha)) ?? pull.base.sha
  const changes = await countChanges(directory, from, pull.head.sha)
  const commits = await listShas(directory, [`${from}..${pull.head.sha}`])
  const mergeable = pull.merged ? null : (await mergedTree(directory, pull.base.sha, pull.head.sha)) !== null
  return {
    commits: commits.length,
    additions: changes.additions,
    deletions: changes.deletions,
    changed_files: changes.files,
    mergeable,
    mergeable_state: mergeableState(mergeable, pull.draft),
  }
}

function mergeableState(mergeable: boolean | null, draft: boolean): string {
  if (mergeable === null) return 'unknown'
  if (!mergeable) return 'dirty'
  return draft ? 'draft' : 'clean'
}

function addresses(world: World, repository: Repository, issue: PullIssue) {
  const api = `${world.apiUrl}/repos/${fullName(repository)}`
  const page = issueAddress(world, repository, issue)
  const url = `${api}/pulls/${issue.number}`
  const urls = {
    url,
    html_url: page,
    issue_url: `${api}/issues/${issue.number}`,
    comments_url: `${api}/issues/${issue.number}/comments`,
    review_comments_url: `${url}/comments`,
    review_comment_url: `${api}/pulls/comments{/number}`,
    commits_url: `${url}/commits`,
    statuses_url: `${api}/statuses/${issue.pull.head.sha}`,
  }
  return {
    ...urls,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    _links: {
      self: { href: urls.url },
      html: { href: urls.html_url },
      issue: { href: urls.issue_url },
      comments: { href: urls.comments_url },
      review_comments: { href: urls.review_comments_url },
      review_comment: { href: urls.review_comment_url },
      commits: { href: urls.commits_url },
      statuses: { href: urls.statuses_url },
    },
  }
}
