// Starts an HTTP server on a free (or given) port and stops it without waiting for idle connections.
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { Reply } from './reply.ts'

export type Listening = { url: string; port: number; close(): Promise<void> }

export type Place = {
  host?: string | undefined
  /** 0 or nothing: any free port. */
  port?: number | undefined
  /** Tried first when no port is demanded: the one of an earlier run, which clones still point at. */
  formerPort?: number | undefined
}

export async function listen(handler: RequestListener, place: Place = {}): Promise<Listening> {
  const { host = '127.0.0.1', port = 0, formerPort = 0 } = place
  const server = createServer(handler)
  if (port === 0 && formerPort > 0) await bind(server, host, formerPort).catch(() => bind(server, host, 0))
  else await bind(server, host, port)
  const address = server.address()
  const bound = typeof address === 'object' && address ? address.port : port
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  return { port: bound, url: `http://${name}:${bound}`, close: () => close(server) }
}

function bind(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function close(server: Server): Promise<void> {
  return new Promise(resolve => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

export function send(response: ServerResponse, reply: Reply): void {
  if (response.destroyed) return
  response.writeHead(reply.status, reply.headers)
  response.end(reply.body)
}
