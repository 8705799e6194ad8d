// What the functions did, as they told it themselves: over HTTP, to this process, apart from everything that the faults reach.
// Append-only, in memory and in a file that outlives the run. Its clock is the machine's, as PostgreSQL's is.
import { createWriteStream } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Entry {
  /** `start` is told before the function does anything else, `end` and `threw` after everything else. */
  what: 'start' | 'beat' | 'end' | 'threw'
  /** Of the call: its first argument. */
  key: string
  /** Of this run of the function's code; every attempt has another. */
  run: string
  function: string
  /** Of the commit whose code it is. */
  marker: number
  atMs: number
}

export interface Ledger {
  url: string
  entries: readonly Entry[]
  close(): Promise<void>
}

export async function openLedger(file: string): Promise<Ledger> {
  const entries: Entry[] = []
  const starts = new Map<string, number>()
  const written = createWriteStream(file, { flags: 'a' })
  const server = createServer({ keepAliveTimeout: 120_000 }, async (request, response) => {
    const entry: Entry = { ...JSON.parse(await bodyOf(request)), atMs: Date.now() }
    entries.push(entry)
    written.write(`${JSON.stringify(entry)}\n`)
    const started = (starts.get(entry.key) ?? 0) + (entry.what === 'start' ? 1 : 0)
    starts.set(entry.key, started)
    response.end(String(started))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // a server on a port has no other
  return {
    url: `http://127.0.0.1:${port}`,
    entries,
    async close() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
      await new Promise(resolve => written.end(resolve))
    },
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part)
  return Buffer.concat(parts).toString()
}
