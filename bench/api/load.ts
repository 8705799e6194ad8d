// So many connections that each send a request, read its answer, and send the next. Over plain sockets: on a machine of few
// processors a client that does more would be what is measured.
import { connect, type Socket } from 'node:net'

export interface Load {
  url: string
  connections: number
  requests: number
  /** Of the request with that number. */
  headersOf(index: number): Record<string, string>
  bodyOf(index: number): string
  method: string
  path: string
  expected: number
}

/** How long it took, in seconds. @throws at the first answer that is not as expected. */
export async function send(load: Load): Promise<number> {
  const state = { next: 0 }
  const sockets = await Promise.all(Array.from({ length: load.connections }, () => open(load.url)))
  const from = performance.now()
  await Promise.all(sockets.map(socket => talk(socket, load, state)))
  const seconds = (performance.now() - from) / 1_000
  for (const socket of sockets) socket.destroy()
  return seconds
}

function open(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port), noDelay: true })
    socket.once('connect', () => resolve(socket))
    socket.once('error', reject)
  })
}

function talk(socket: Socket, load: Load, state: { next: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    let received = ''
    const sendNext = () => {
      const index = state.next++
      if (index >= load.requests) return resolve()
      socket.write(textOf(load, index))
    }
    socket.on('error', reject)
    socket.on('close', () => reject(new Error('the connection was closed')))
    socket.on('data', chunk => {
      received += chunk.toString('latin1')
      const length = lengthOf(received)
      if (length === null || received.length < length) return
      if (!received.startsWith(`HTTP/1.1 ${load.expected} `))
        return reject(new Error(received.slice(0, 1_000)))
      received = received.slice(length)
      sendNext()
    })
    sendNext()
  })
}

function textOf({ url, method, path, headersOf, bodyOf }: Load, index: number): string {
  const body = bodyOf(index)
  const headers = {
    host: new URL(url).host,
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    ...headersOf(index),
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`
}

/** Of the whole answer; null: its head is not there yet. */
function lengthOf(received: string): number | null {
  const end = received.indexOf('\r\n\r\n')
  if (end < 0) return null
  const [, length = '0'] = /\r\ncontent-length: (\d+)/i.exec(received.slice(0, end)) ?? []
  return end + 4 + Number(length)
}
