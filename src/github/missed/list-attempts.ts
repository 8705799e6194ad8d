// GitHub's record of what it sent to this App (GET /app/hook/deliveries), newest first, up to a moment in the past; and the
// payload of one of them, which is as good as signed: we asked for it over the authenticated API.
import { z } from 'zod'
import { attempt } from '../client/api-error.ts'
import type { Conditional, Requests } from '../client/conditional.ts'
import { type Delivery, parseDelivery } from '../deliveries/delivery.ts'
import { read } from '../deliveries/payloads.ts'
import type { Attempt } from './missed.ts'

const Listed = z.array(
  z
    .object({
      id: z.int().positive(),
      guid: z.string(),
      delivered_at: z.iso.datetime({ offset: true }),
      redelivery: z.boolean(),
      status_code: z.number(),
      event: z.string(),
      action: z.string().nullish(),
    })
    .transform(
      ({ id, guid, delivered_at, redelivery, status_code, event, action }): Attempt => ({
        ...{ id, guid, redelivery, event },
        deliveredAt: new Date(delivered_at),
        ok: status_code >= 200 && status_code < 300,
        action: action ?? null,
      }),
    ),
)
const Whole = z.object({
  guid: z.string(),
  event: z.string(),
  request: z.object({ payload: z.record(z.string(), z.unknown()) }),
})

const path = '/app/hook/deliveries'

export function listAttempts(app: Requests, conditional: Conditional, since: Date): Promise<Attempt[]> {
  return attempt('Listing what GitHub delivered', async () => {
    const found: Attempt[] = []
    const pages = conditional.pages(app, `${path}?per_page=100`, data => read(Listed, data))
    for await (const page of pages) {
      found.push(...page)
      const oldest = page.at(-1)
      if (oldest && oldest.deliveredAt < since) break
    }
    return found.filter(({ deliveredAt }) => deliveredAt >= since)
  })
}

export function readDelivery(app: Requests, id: number): Promise<Delivery> {
  return attempt(`Reading delivery ${id}`, async () => {
    const { data } = await app.request({ method: 'GET', url: `${path}/${id}` })
    const { guid, event, request } = read(Whole, data)
    const headers = { 'x-github-delivery': guid, 'x-github-event': event }
    return parseDelivery(headers, Buffer.from(JSON.stringify(request.payload)))
  })
}

export async function sendAgain(app: Requests, id: number): Promise<void> {
  await attempt(`Asking for delivery ${id} again`, () =>
    app.request({ method: 'POST', url: `${path}/${id}/attempts` }),
  )
}
