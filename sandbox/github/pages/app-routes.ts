// The addresses of Apps: manifest, installing, an installation's settings, signing in.
import { HttpError, need, redirect } from '../../http/reply.ts'
import { peopleOf } from '../accounts.ts'
import { issueCode, parseManifest, registerFromManifest } from '../apps.ts'
import { chooseRepositories, installApp, suspend, uninstall, unsuspend } from '../installations.ts'
import { authorized, exchange, readAuthorize } from '../oauth.ts'
import type { App, Installation } from '../state.ts'
import { appById, fullName, repositoryNamed, type World } from '../world.ts'
import { appPage, appsPage, installationPage, installPage, manifestPage, signInPage } from './app-pages.ts'
import { show } from './show.ts'
import { field, type PageCall, type PageRoutes } from './visit.ts'

const hour = 3_600_000

export function addAppPages(routes: PageRoutes): void {
  routes.add('GET', '/github-apps', call => show(call, 'Apps', appsPage(call.world)))
  for (const base of ['/github-apps', '/apps'] as const) {
    routes.add('GET', `${base}/:slug`, call => {
      const app = appNamed(call.world, call.params.slug)
      return show(call, app.name, appPage(call.world, app))
    })
    routes.add('GET', `${base}/:slug/installations/new`, call => {
      const app = appNamed(call.world, call.params.slug)
      const accounts = call.world.state.accounts.filter(account => account.type !== 'Bot')
      const { repositories } = call.world.state
      const state = call.query.get('state') ?? ''
      return show(call, 'Install', installPage({ app, accounts, repositories, state }))
    })
    routes.add('POST', `${base}/:slug/installations`, install)
  }
  addManifest(routes)
  addInstallation(routes)
  addSignIn(routes)
}

function appNamed(world: World, slug: string): App {
  return need(
    world.state.apps.find(app => app.slug === slug),
    404,
    `There is no App ${slug}`,
  )
}

function listField(call: { body: unknown }, name: string): string[] {
  const { body } = call
  const values =
    typeof body === 'object' && body !== null ? new Map(Object.entries(body)).get(name) : undefined
  return Array.isArray(values) ? values.map(String) : typeof values === 'string' ? [values] : []
}

function install(call: PageCall<'slug'>) {
  const { world } = call
  const app = appNamed(world, call.params.slug)
  const account = field(call, 'account')
  const chosen = listField(call, 'repositories').map(full => repositoryNamed(world, full))
  const own = chosen.filter(repository => repository.owner === account)
  const installation = installApp(
    world,
    app,
    account,
    field(call, 'selection') === 'all' ? null : own,
    call.viewer,
  )
  if (!app.setupUrl) return redirect(`/settings/installations/${installation.id}`, 303)
  const target = new URL(app.setupUrl)
  target.searchParams.set('installation_id', String(installation.id))
  target.searchParams.set('setup_action', 'install')
  if (field(call, 'state')) target.searchParams.set('state', field(call, 'state'))
  return redirect(target.href, 303)
}

/** The form is posted by the page of whoever wants an App, so the first step changes nothing. */
function addManifest(routes: PageRoutes): void {
  const confirm = (call: PageCall, owners: string[]) => {
    const text = field(call, 'manifest')
    const manifest = parseManifest(text)
    const state = call.query.get('state') ?? field(call, 'state')
    const name = manifest.name ?? new URL(manifest.url).hostname
    return show(call, 'Create a GitHub App', manifestPage({ manifest, text, state, name, owners }))
  }
  routes.add('POST', '/settings/apps/new', call => confirm(call, ownersOf(call.world, call.viewer)))
  routes.add('POST', '/organizations/:org/settings/apps/new', call => confirm(call, [call.params.org]))
  routes.add('POST', '/settings/apps/manifest', call => {
    const manifest = parseManifest(field(call, 'manifest'))
    const owner = field(call, 'owner') || call.viewer
    if (!manifest.redirect_url) throw new HttpError(422, 'The manifest has no redirect_url')
    const app = registerFromManifest(call.world, manifest, field(call, 'name'), owner)
    const target = new URL(manifest.redirect_url)
    target.searchParams.set('code', issueCode(call.world, { kind: 'manifest', app: app.id }, hour))
    if (field(call, 'state')) target.searchParams.set('state', field(call, 'state'))
    return redirect(target.href, 303)
  })
}

function ownersOf(world: World, viewer: string): string[] {
  const organizations = world.state.accounts.filter(account => account.type === 'Organization')
  return [...organizations.map(account => account.login), viewer]
}

function addInstallation(routes: PageRoutes): void {
  const base = '/settings/installations/:id' as const
  const found = (call: PageCall<'id'>): Installation =>
    need(
      call.world.state.installations.find(({ id }) => String(id) === call.params.id),
      404,
      'Not installed',
    )
  routes.add('GET', base, call => {
    const installation = found(call)
    const app = appById(call.world, installation.app)
    return show(call, 'Installation', installationPage(call.world, installation, app))
  })
  const act = (name: string, verb: (world: World, installation: Installation, login: string) => void) =>
    routes.add('POST', `${base}/${name}`, call => {
      verb(call.world, found(call), call.viewer)
      return redirect(
        name === 'uninstall' ? '/github-apps' : `/settings/installations/${call.params.id}`,
        303,
      )
    })
  act('suspend', suspend)
  act('unsuspend', unsuspend)
  act('uninstall', uninstall)
  routes.add('POST', `${base}/repositories`, call => {
    const installation = found(call)
    const wanted = listField(call, 'repositories')
    const own = call.world.state.repositories.filter(repository => repository.owner === installation.account)
    const chosen = own.filter(repository => wanted.includes(fullName(repository)))
    chooseRepositories(call.world, installation, field(call, 'all') ? null : chosen, call.viewer)
    return redirect(`/settings/installations/${installation.id}`, 303)
  })
}

function addSignIn(routes: PageRoutes): void {
  routes.add('GET', '/login/oauth/authorize', call => {
    const request = readAuthorize(call.world, call.query)
    const people = peopleOf(call.world).map(account => account.login)
    // A test names whom it wants to be; a person chooses.
    const login = call.query.get('login')
    if (login && people.includes(login)) return redirect(authorized(call.world, request, login))
    return show(call, 'Sign in', signInPage(request.app, people, `/login/oauth/authorize?${call.query}`))
  })
  routes.add('POST', '/login/oauth/authorize', call =>
    redirect(authorized(call.world, readAuthorize(call.world, call.query), field(call, 'login')), 303),
  )
  routes.add('POST', '/login/oauth/access_token', call =>
    exchange(call.world, call.body, call.headers.accept),
  )
}
