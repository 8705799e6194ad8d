// Apps: the list, one App, confirming a manifest, installing, and what an installation may be made to do. Pure.
import { type Html, html } from '../../html.ts'
import type { Manifest } from '../apps.ts'
import { repositoriesOf } from '../installations.ts'
import type { Account, App, Installation, Repository } from '../state.ts'
import { fullName, type World } from '../world.ts'
import { ago, asSelect, avatar, postButton } from './layout.ts'

export function appsPage(world: World): Html {
  const rows = world.state.apps.map(
    app => html`<div class="item">${avatar(`${app.slug}[bot]`, 24)}<span class="grow"><a class="title" href="/github-apps/${app.slug}">${app.name}</a>
<div class="soft small">${app.description ?? app.externalUrl}</div></span><span class="soft small">id ${app.id}</span></div>`,
  )
  return html`<h1>GitHub Apps</h1><div class="box">${rows}</div>`
}

export function appPage(world: World, app: App): Html {
  const installations = world.state.installations.filter(installation => installation.app === app.id)
  const rows = installations.map(
    installation => html`<div class="item">${avatar(installation.account, 24)}<span class="grow"><a class="title" href="/settings/installations/${installation.id}">${installation.account}</a></span>
<span class="soft small">${installation.suspendedAt ? 'suspended' : installation.repositories ? 'selected repositories' : 'all repositories'}</span></div>`,
  )
  return html`<div class="row"><h1 class="grow">${avatar(`${app.slug}[bot]`, 32)} ${app.name}</h1><a class="button primary" href="/github-apps/${app.slug}/installations/new">Install</a></div>
<p class="soft">${app.description} Owned by ${app.owner}. Webhooks go to <code>${app.webhookUrl ?? 'nowhere'}</code>.</p>
<div class="box"><header><h2>Installed on</h2></header>${rows.length > 0 ? rows : html`<div class="empty">No account yet</div>`}</div>
${permissionsBox(app.permissions, app.events)}`
}

function permissionsBox(permissions: Record<string, string>, events: string[]): Html {
  const rows = Object.entries(permissions).map(
    ([name, access]) =>
      html`<div class="item"><span class="grow">${name.replaceAll('_', ' ')}</span><span class="soft">${access}</span></div>`,
  )
  const subscribed = events.map(event => html`<span class="label">${event}</span> `)
  return html`<div class="box"><header><h2>Permissions</h2></header>${rows}</div><p>${subscribed}</p>`
}

export type ManifestModel = {
  manifest: Manifest
  text: string
  state: string
  name: string
  owners: string[]
}

export function manifestPage(model: ManifestModel): Html {
  const { manifest, text, state, name, owners } = model
  return html`<h1>Create a GitHub App</h1>
<p class="soft">${manifest.url} asks to register an App with these settings. Its webhooks would go to <code>${manifest.hook_attributes?.url ?? 'nowhere'}</code>.</p>
<form method="post" action="/settings/apps/manifest"><input type="hidden" name="manifest" value="${text}"><input type="hidden" name="state" value="${state}">
<p class="row"><label>Name <input type="text" name="name" value="${name}"></label><label>Owner ${asSelect(owners, owners[0] ?? '', 'owner')}</label>
<button class="primary">Create GitHub App</button></p></form>
${permissionsBox(manifest.default_permissions ?? {}, manifest.default_events ?? [])}`
}

export type InstallModel = { app: App; accounts: Account[]; repositories: Repository[]; state: string }

export function installPage({ app, accounts, repositories, state }: InstallModel): Html {
  return html`<h1>Install ${app.name}</h1><form method="post" action="/github-apps/${app.slug}/installations">
<input type="hidden" name="state" value="${state}"><p>On ${asSelect(
    accounts.map(account => account.login),
    accounts.find(account => account.type === 'Organization')?.login ?? '',
    'account',
  )}</p>
<div class="box"><label class="item"><input type="radio" name="selection" value="all" checked> All repositories</label>
<label class="item"><input type="radio" name="selection" value="selected"> Only select repositories</label>
${repositories.map(repository => checkbox(repository, false))}</div><button class="primary">Install</button></form>`
}

function checkbox(repository: Repository, checked: boolean): Html {
  const full = fullName(repository)
  const input = checked
    ? html`<input type="checkbox" name="repositories" value="${full}" checked>`
    : html`<input type="checkbox" name="repositories" value="${full}">`
  return html`<label class="item">${input} ${full}</label>`
}

export function installationPage(world: World, installation: Installation, app: App): Html {
  const base = `/settings/installations/${installation.id}`
  const chosen = repositoriesOf(world, installation)
  const own = world.state.repositories.filter(repository => repository.owner === installation.account)
  const suspended = installation.suspendedAt
  return html`<h1>${app.name} on ${installation.account}</h1>
<p class="soft">Installed ${ago(installation.createdAt)}${suspended ? html`, suspended ${ago(suspended)} by ${installation.suspendedBy}` : ''}</p>
<form class="box" method="post" action="${base}/repositories"><header><h2>Repositories</h2></header>
<label class="item"><input type="checkbox" name="all" value="yes"> All, also future ones</label>${own.map(repository => checkbox(repository, chosen.includes(repository)))}
<div class="item"><button>Save</button></div></form>
<p class="row">${suspended ? postButton(`${base}/unsuspend`, 'Unsuspend') : postButton(`${base}/suspend`, 'Suspend')}${postButton(`${base}/uninstall`, 'Uninstall', { kind: 'danger' })}</p>`
}

export function signInPage(app: App, people: string[], action: string): Html {
  return html`<div style="max-width:420px;margin:48px auto;text-align:center"><p>${avatar(`${app.slug}[bot]`, 56)}</p><h1>Sign in to ${app.name}</h1>
<p class="soft">Who are you today?</p><form class="box" method="post" action="${action}">${people.map(
    login =>
      html`<div class="item">${avatar(login, 24)}<span class="grow" style="text-align:left">${login}</span><button name="login" value="${login}">Continue</button></div>`,
  )}</form></div>`
}
