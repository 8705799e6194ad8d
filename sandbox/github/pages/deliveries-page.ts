// Recent webhook deliveries, and one with what was sent and what came back. Pure.
import { type Html, html } from '../../html.ts'
import type { Delivery } from '../webhooks/deliveries.ts'
import { icon } from './icons.ts'
import { ago, postButton } from './layout.ts'

export type DeliveriesModel = {
  deliveries: Delivery[]
  apps: { id: number; name: string; webhookUrl: string | null }[]
}

const isOk = (delivery: Delivery) => delivery.statusCode >= 200 && delivery.statusCode < 300

const mark = (delivery: Delivery) =>
  isOk(delivery)
    ? html`<span class="green">${icon('check')}</span>`
    : html`<span class="red">${icon('cross')}</span>`

const nameOf = ({ event, action }: Delivery) => (action ? `${event}.${action}` : event)

export function deliveriesPage({ deliveries, apps }: DeliveriesModel): Html {
  const targets = apps.map(
    app => html`<p class="soft">${app.name} receives at <code>${app.webhookUrl ?? 'nowhere'}</code></p>`,
  )
  const rows = deliveries.slice(0, 100).map(row)
  return html`<h1>Webhook deliveries</h1>${targets}
<div class="box">${rows.length > 0 ? rows : html`<div class="empty">Nothing was delivered yet</div>`}</div>`
}

function row(delivery: Delivery): Html {
  return html`<div class="item">${mark(delivery)}<span class="grow"><a class="title" href="/deliveries/${delivery.id}">${nameOf(delivery)}</a>
${delivery.redelivery ? html`<span class="label">redelivery</span>` : ''}<div class="soft small mono">${delivery.guid}</div></span>
<span class="soft small">${delivery.statusCode || ''} ${delivery.status} · ${delivery.durationSeconds} s · ${ago(delivery.deliveredAt)}</span>
${postButton(`/deliveries/${delivery.id}/redeliver`, 'Redeliver')}</div>`
}

export function deliveryPage(delivery: Delivery): Html {
  return html`<p class="soft"><a href="/deliveries">Webhook deliveries</a></p>
<div class="row"><h1 class="grow">${mark(delivery)} ${nameOf(delivery)}</h1>${postButton(`/deliveries/${delivery.id}/redeliver`, 'Redeliver')}</div>
<p class="soft">${delivery.statusCode || ''} ${delivery.status} in ${delivery.durationSeconds} s, ${ago(delivery.deliveredAt)}</p>
<div class="box"><header><h2>Request</h2></header><div class="body"><pre>${headers(delivery.requestHeaders)}</pre><pre>${pretty(delivery.payload)}</pre></div></div>
<div class="box"><header><h2>Response</h2></header><div class="body"><pre>${headers(delivery.responseHeaders)}</pre><pre>${delivery.responseBody}</pre></div></div>`
}

const headers = (fields: Record<string, string>) =>
  Object.entries(fields)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n')

const pretty = (payload: string) => JSON.stringify(JSON.parse(payload), null, 2)
