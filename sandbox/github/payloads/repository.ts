// How GitHub writes a repository: in full, and the few fields other objects carry.
import type { Repository } from '../state.ts'
import { findAccount, fullName, type World } from '../world.ts'
import { formatAccount } from './account.ts'

export function formatRepository(world: World, repository: Repository) {
  const full = fullName(repository)
  const parent = world.state.repositories.find(candidate => candidate.id === repository.forkOf)
  const open = repository.issues.filter(issue => issue.state === 'open').length
  return {
    id: repository.id,
    node_id: `R_${repository.id}`,
    name: repository.name,
    full_name: full,
    private: repository.private,
    owner: formatAccount(world, repository.owner),
    html_url: `${world.url}/${full}`,
    description: repository.description,
    fork: repository.forkOf !== null,
    ...links(world, full),
    created_at: repository.createdAt,
    updated_at: repository.updatedAt,
    pushed_at: repository.pushedAt,
    homepage: null,
    size: 0,
    stargazers_count: 0,
    watchers_count: 0,
    language: null,
    has_issues: true,
    has_projects: false,
    has_downloads: true,
    has_wiki: false,
    has_pages: false,
    has_discussions: false,
    forks_count: 0,
    mirror_url: null,
    archived: false,
    disabled: false,
    open_issues_count: open,
    license: null,
    allow_forking: true,
    is_template: false,
    web_commit_signoff_required: false,
    topics: [],
    visibility: repository.private ? 'private' : 'public',
    forks: 0,
    open_issues: open,
    watchers: 0,
    default_branch: repository.defaultBranch,
    custom_properties: {},
    ...(parent ? { parent: { id: parent.id, full_name: fullName(parent) } } : {}),
  }
}

const endings: Record<string, string> = {
  forks_url: '/forks',
  keys_url: '/keys{/key_id}',
  collaborators_url: '/collaborators{/collaborator}',
  teams_url: '/teams',
  hooks_url: '/hooks',
  issue_events_url: '/issues/events{/number}',
  events_url: '/events',
  assignees_url: '/assignees{/user}',
  branches_url: '/branches{/branch}',
  tags_url: '/tags',
  blobs_url: '/git/blobs{/sha}',
  git_tags_url: '/git/tags{/sha}',
  git_refs_url: '/git/refs{/sha}',
  trees_url: '/git/trees{/sha}',
  statuses_url: '/statuses/{sha}',
  languages_url: '/languages',
  stargazers_url: '/stargazers',
  contributors_url: '/contributors',
  subscribers_url: '/subscribers',
  subscription_url: '/subscription',
  commits_url: '/commits{/sha}',
  git_commits_url: '/git/commits{/sha}',
  comments_url: '/comments{/number}',
  issue_comment_url: '/issues/comments{/number}',
  contents_url: '/contents/{+path}',
  compare_url: '/compare/{base}...{head}',
  merges_url: '/merges',
  archive_url: '/{archive_format}{/ref}',
  downloads_url: '/downloads',
  issues_url: '/issues{/number}',
  pulls_url: '/pulls{/number}',
  milestones_url: '/milestones{/number}',
  notifications_url: '/notifications{?since,all,participating}',
  labels_url: '/labels{/name}',
  releases_url: '/releases{/id}',
  deployments_url: '/deployments',
}

function links(world: World, full: string) {
  const api = `${world.apiUrl}/repos/${full}`
  const urls = Object.fromEntries(Object.entries(endings).map(([name, ending]) => [name, api + ending]))
  const host = new URL(world.url).host
  return {
    ...urls,
    url: api,
    git_url: `git://${host}/${full}.git`,
    ssh_url: `git@${host}:${full}.git`,
    clone_url: `${world.url}/${full}.git`,
    svn_url: `${world.url}/${full}`,
  }
}

const seconds = (time: string) => Math.floor(Date.parse(time) / 1000)

/** A push writes its repository a little differently: times as numbers, the owner with name and email. */
export function formatPushedRepository(world: World, repository: Repository) {
  const owner = findAccount(world, repository.owner)
  return {
    ...formatRepository(world, repository),
    owner: {
      ...formatAccount(world, repository.owner),
      name: repository.owner,
      email: owner?.email ?? null,
    },
    created_at: seconds(repository.createdAt),
    pushed_at: seconds(repository.pushedAt),
    stargazers: 0,
    master_branch: repository.defaultBranch,
    ...(owner?.type === 'Organization' ? { organization: repository.owner } : {}),
  }
}

export function formatRepositoryName(repository: Repository) {
  return {
    id: repository.id,
    node_id: `R_${repository.id}`,
    name: repository.name,
    full_name: fullName(repository),
    private: repository.private,
  }
}

export function formatRepositoryReference(world: World, repository: Repository) {
  return {
    id: repository.id,
    url: `${world.apiUrl}/repos/${fullName(repository)}`,
    name: repository.name,
  }
}
