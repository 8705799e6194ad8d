// For tests: a server that receives webhooks as an App does. It refuses a wrong signature, keeps what it got, and
// answers with the status the test chose.
import { createHmac, timingSafeEqual } from 'node:crypto'
import { listen } from '../http/listen.ts'
import { readBody } from '../http/request.ts'

export type Received = {
  event: string
  action: string | null
  /** `push`, `pull_request.opened`. */
  name: string
  guid: string
  // Tests look into payloads of every shape.
  // biome-ignore lint/suspicious/noExplicitAny: a webhook's payload, checked against GitHub's schemas by the tests
  payload: any
}

export type Receiver = {
  url: string
  /** What came since the last call, oldest first. */
  take(): Received[]
  status: number
  unsigned: number
  close(): Promise<void>
}

export async function startReceiver(secret: string): Promise<Receiver> {
  let received: Received[] = []
  const listening = await listen(async (request, response) => {
    const raw = await readBody(request)
    const signature = Buffer.from(String(request.headers['x-hub-signature-256']))
    const expected = Buffer.from(`sha256=${createHmac('sha256', secret).update(raw).digest('hex')}`)
    if (signature.length !== expected.length || !timingSafeEqual(signature, expected)) {
      receiver.unsigned += 1
      response.writeHead(401).end()
      return
    }
    received.push(toReceived(request.headers, JSON.parse(raw.toString())))
    response.writeHead(receiver.status).end()
  })
  const receiver: Receiver = {
    url: `${listening.url}/api/github/webhooks`,
    status: 202,
    unsigned: 0,
    take() {
      const taken = received
      received = []
      return taken
    },
    close: listening.close,
  }
  return receiver
}

function toReceived(headers: NodeJS.Dict<string | string[]>, payload: { action?: string }): Received {
  const event = String(headers['x-github-event'])
  const action = payload.action ?? null
  const guid = String(headers['x-github-delivery'])
  return { event, action, name: action ? `${event}.${action}` : event, guid, payload }
}
