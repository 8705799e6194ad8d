// What the functions of the test submit their items to: it writes down which version submitted which item, and when the run of
// it began, by the clock of the machine, which never goes back. It knows nothing of Sluice.
import http from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Item {
  /** A or B. */
  version: string
  run: number
  number: number
  /** When its run began, as the run said: by `nowMs`. */
  startedMs: number
}

export interface Endpoint {
  url: string
  items: Item[]
  /** Resolves when what came in is as wanted. */
  until(wanted: () => boolean): Promise<void>
  close(): Promise<void>
}

/** What the clock says that all processes of the machine share. */
export const nowMs = () => inMs(process.hrtime.bigint())

const inMs = (ns: bigint) => Number(ns / 1_000n) / 1_000

export async function startEndpoint(): Promise<Endpoint> {
  const items: Item[] = []
  const waiting = new Set<() => void>()
  const server = http.createServer((request, response) => {
    const [, version = '', run, number, startedNs = '0'] = (request.url ?? '').split('/')
    items.push({ version, run: Number(run), number: Number(number), startedMs: inMs(BigInt(startedNs)) })
    response.writeHead(204).end()
    for (const look of waiting) look()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // it listens on a port
  return {
    url: `http://127.0.0.1:${port}`,
    items,
    until(wanted) {
      return new Promise(resolve => {
        const look = () => {
          if (!wanted()) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        look()
      })
    },
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
