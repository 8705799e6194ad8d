// Between a pool and PostgreSQL: a unix socket that passes everything on until it resets its connections or falls silent on
// them, as a machine does that has lost its power.
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, connect as dial, type Socket } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { onTestFinished } from 'vitest'

export interface DatabaseProxy {
  url: string
  /** Breaks the connections that are open now. */
  reset(): void
  /** The connections that are open now say nothing any more, and nothing that is said on them is heard. New ones work. */
  silence(): void
  /** Nobody gets through; how many have tried. */
  refuse(): () => number
  /** They do again. */
  accept(): void
  /** What clients have said, as text. */
  said(): string
}

export async function openProxy(url: string): Promise<DatabaseProxy> {
  const target = `${new URL(url).searchParams.get('host')}/.s.PGSQL.5432`
  const folder = mkdtempSync(path.join(os.tmpdir(), 'proxy-'))
  const pairs = new Set<[client: Socket, server: Socket]>()
  let refusing = false
  let tries = 0
  let said = ''
  const server = createServer(client => {
    if (refusing) {
      tries += 1
      client.on('error', () => {}).destroy()
      return
    }
    client.on('data', bytes => (said += bytes.toString('latin1')))
    const upstream = dial(target)
    pairs.add([client, upstream])
    client.pipe(upstream).pipe(client)
    for (const one of [client, upstream])
      one.on('error', () => {}).on('close', () => [client, upstream].map(it => it.destroy()))
  }).listen(path.join(folder, '.s.PGSQL.5432'))
  await once(server, 'listening')
  const reset = () => {
    for (const [client] of pairs) client.destroy()
    pairs.clear()
  }
  onTestFinished(() => {
    reset()
    server.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const there = new URL(url)
  there.searchParams.set('host', folder)
  return {
    url: there.href,
    reset,
    refuse() {
      refusing = true
      tries = 0
      said = ''
      return () => tries
    },
    accept() {
      refusing = false
    },
    said: () => said,
    silence() {
      for (const [client, upstream] of pairs) {
        client.unpipe(upstream).pause()
        upstream.unpipe(client).pause()
      }
    },
  }
}
