// Starts an HTTP server on a free (or given) port and stops it without waiting for idle connections.
import { createServer, type RequestListener, type ServerResponse } from 'node:http'
import type { Reply } from './reply.ts'

export type Listening = { url: string; port: number; close(): Promise<void> }

export async function listen(handler: RequestListener, host = '127.0.0.1', port = 0): Promise<Listening> {
  const server = createServer(handler)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  const address = server.address()
  const bound = typeof address === 'object' && address ? address.port : port
  return {
    port: bound,
    url: `http://${host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host}:${bound}`,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

export function send(response: ServerResponse, reply: Reply): void {
  if (response.destroyed) return
  response.writeHead(reply.status, reply.headers)
  response.end(reply.body)
}
