// The table of pages, in the order it is searched; fixed addresses before those that start with an owner.
import { need, Reply, redirect } from '../../http/reply.ts'
import { Routes } from '../../http/routes.ts'
import { addActions } from './actions.ts'
import { addAppPages } from './app-routes.ts'
import { avatarPicture } from './avatar.ts'
import { deliveriesPage, deliveryPage } from './deliveries-page.ts'
import { addRepositoryPages } from './repository-routes.ts'
import { show } from './show.ts'
import type { PageRoutes, Visit } from './visit.ts'

export function pageRoutes(): PageRoutes {
  const routes: PageRoutes = new Routes<Visit>()
  addPerson(routes)
  addDeliveries(routes)
  addAppPages(routes)
  addActions(routes)
  addRepositoryPages(routes)
  // An account has no page of its own.
  routes.add('GET', '/:login', () => redirect('/'))
  return routes
}

function addPerson(routes: PageRoutes): void {
  routes.add('GET', '/avatars/:login', call => {
    const headers = { 'Content-Type': 'image/svg+xml', 'Cache-Control': 'max-age=86400' }
    return new Reply(200, avatarPicture(call.params.login).text, headers)
  })
  routes.add('GET', '/as/:login', call => {
    const wanted = call.query.get('back') ?? '/'
    const target = /^\/(?![/\\])/.test(wanted) ? wanted : '/'
    const cookie = `sandbox_as=${encodeURIComponent(call.params.login)}; Path=/; HttpOnly; SameSite=Lax`
    return new Reply(303, '', { Location: target, 'Set-Cookie': cookie })
  })
}

function addDeliveries(routes: PageRoutes): void {
  routes.add('GET', '/deliveries', call => {
    const deliveries = call.world.deliveries.recorded()
    return show(call, 'Webhooks', deliveriesPage({ deliveries, apps: call.world.state.apps }))
  })
  routes.add('GET', '/deliveries/:id', call => {
    const found = call.world.deliveries.recorded().find(({ id }) => String(id) === call.params.id)
    return show(call, 'Webhook', deliveryPage(need(found, 404, 'No such delivery')))
  })
}
