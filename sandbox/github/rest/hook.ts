// The App's webhook: its address, what was delivered, sending it again (under the same GUID, as GitHub does).
import * as z from 'zod'
import { json, need } from '../../http/reply.ts'
import type { App } from '../state.ts'
import type { Delivery } from '../webhooks/deliveries.ts'
import type { World } from '../world.ts'
import { type Api, type ApiCall, type ApiRoutes, appOf, bodyOf } from './call.ts'

const configSchema = z.object({ url: z.url().optional(), secret: z.string().optional() })

export function addHook(routes: ApiRoutes): void {
  routes.add('GET', '/app/hook/config', call => formatConfig(appOf(call)))
  routes.add('PATCH', '/app/hook/config', call => {
    const app = appOf(call)
    const { url, secret } = bodyOf(call, configSchema)
    app.webhookUrl = url ?? app.webhookUrl
    app.webhookSecret = secret ?? app.webhookSecret
    call.world.save()
    return formatConfig(app)
  })
  routes.add('GET', '/app/hook/deliveries', listDeliveries)
  routes.add('GET', '/app/hook/deliveries/:id', call => {
    const delivery = ownDelivery(call, call.params.id)
    return {
      ...formatDelivery(delivery),
      url: appOf(call).webhookUrl,
      request: { headers: delivery.requestHeaders, payload: JSON.parse(delivery.payload) },
      response: { headers: delivery.responseHeaders, payload: delivery.responseBody },
    }
  })
  routes.add('POST', '/app/hook/deliveries/:id/attempts', call => {
    redeliver(call.world, ownDelivery(call, call.params.id))
    return json(202, {})
  })
}

function formatConfig(app: App) {
  return { content_type: 'json', insecure_ssl: '0', secret: '********', url: app.webhookUrl ?? '' }
}

function ownDeliveries(call: Api): Delivery[] {
  const app = appOf(call)
  return call.world.deliveries.recorded().filter(delivery => delivery.app === app.id)
}

function ownDelivery(call: Api, id: string): Delivery {
  return need(ownDeliveries(call).find(delivery => String(delivery.id) === id))
}

/** Newest first; the cursor names the record the next page begins after. */
function listDeliveries(call: ApiCall) {
  const all = ownDeliveries(call).filter(delivery => hasStatus(delivery, call.query.get('status')))
  const size = Math.min(Number(call.query.get('per_page') ?? 30) || 30, 100)
  const cursor = call.query.get('cursor')
  const start = cursor ? all.findIndex(delivery => `v1_${delivery.id}` === cursor) + 1 : 0
  const shown = all.slice(start, start + size)
  const last = shown.at(-1)
  if (last && start + size < all.length) {
    const url = `${call.world.apiUrl}/app/hook/deliveries?per_page=${size}&cursor=v1_${last.id}`
    call.replyHeaders.Link = `<${url}>; rel="next"`
  }
  return shown.map(formatDelivery)
}

function hasStatus(delivery: Delivery, wanted: string | null): boolean {
  const ok = delivery.statusCode >= 200 && delivery.statusCode < 400
  return wanted === null || (wanted === 'success') === ok
}

function formatDelivery(delivery: Delivery) {
  return {
    id: delivery.id,
    guid: delivery.guid,
    delivered_at: delivery.deliveredAt,
    redelivery: delivery.redelivery,
    duration: delivery.durationSeconds,
    status: delivery.status,
    status_code: delivery.statusCode,
    event: delivery.event,
    action: delivery.action,
    installation_id: delivery.installationId,
    repository_id: delivery.repositoryId,
    throttled_at: null,
  }
}

export function redeliver(world: World, delivery: Delivery): void {
  const { app, event, action, guid, installationId, repositoryId, payload } = delivery
  world.deliveries.queue({
    app,
    event,
    action,
    guid,
    installationId,
    repositoryId,
    payload,
    redelivery: true,
  })
}
