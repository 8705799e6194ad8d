// How GitHub writes an account, an App and an installation.
import type { Account, App, Installation } from '../state.ts'
import { findAccount, type World } from '../world.ts'

export function formatAccount(world: World, login: string) {
  const account = findAccount(world, login)
  const url = `${world.apiUrl}/users/${encodeURIComponent(login)}`
  return {
    login: account?.login ?? login,
    id: account?.id ?? 0,
    node_id: `U_${account?.id ?? 0}`,
    avatar_url: `${world.url}/avatars/${encodeURIComponent(login)}`,
    gravatar_id: '',
    url,
    html_url: `${world.url}/${encodeURIComponent(login)}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type: account?.type ?? 'User',
    site_admin: false,
  }
}

export function formatOrganization(world: World, account: Account) {
  const url = `${world.apiUrl}/orgs/${account.login}`
  return {
    login: account.login,
    id: account.id,
    node_id: `O_${account.id}`,
    url,
    repos_url: `${url}/repos`,
    events_url: `${url}/events`,
    hooks_url: `${url}/hooks`,
    issues_url: `${url}/issues`,
    members_url: `${url}/members{/member}`,
    public_members_url: `${url}/public_members{/member}`,
    avatar_url: `${world.url}/avatars/${account.login}`,
    description: null,
  }
}

export function formatApp(world: World, app: App) {
  return {
    id: app.id,
    slug: app.slug,
    node_id: `A_${app.id}`,
    client_id: app.clientId,
    owner: formatAccount(world, app.owner),
    name: app.name,
    description: app.description,
    external_url: app.externalUrl,
    html_url: `${world.url}/github-apps/${app.slug}`,
    created_at: app.createdAt,
    updated_at: app.createdAt,
    permissions: app.permissions,
    events: app.events,
  }
}

export function formatInstallation(world: World, installation: Installation) {
  const app = world.state.apps.find(candidate => candidate.id === installation.app)
  const account = findAccount(world, installation.account)
  return {
    id: installation.id,
    account: formatAccount(world, installation.account),
    repository_selection: installation.repositories ? 'selected' : 'all',
    access_tokens_url: `${world.apiUrl}/app/installations/${installation.id}/access_tokens`,
    repositories_url: `${world.apiUrl}/installation/repositories`,
    html_url: `${world.url}/settings/installations/${installation.id}`,
    app_id: installation.app,
    app_slug: app?.slug ?? '',
    target_id: account?.id ?? 0,
    target_type: account?.type ?? 'User',
    permissions: app?.permissions ?? {},
    events: app?.events ?? [],
    created_at: installation.createdAt,
    updated_at: installation.updatedAt,
    single_file_name: null,
    has_multiple_single_files: false,
    single_file_paths: [],
    suspended_by: installation.suspendedBy ? formatAccount(world, installation.suspendedBy) : null,
    suspended_at: installation.suspendedAt,
  }
}
