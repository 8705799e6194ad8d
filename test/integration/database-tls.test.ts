// A database behind TLS, here a proxy that speaks it: the connection asks for the server by its name, and stays while it has
// nothing to say. Before, it named no server, so that verify-full refused every one but localhost, and was given up as silent.
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, connect as dial, type Socket } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { TLSSocket } from 'node:tls'
import { sql } from 'drizzle-orm'
import { expect, inject, onTestFinished, test } from 'vitest'
import { connect } from '../../src/db/client.ts'
import { freshDatabase } from '../support/postgres.ts'

const folder = mkdtempSync(path.join(os.tmpdir(), 'tls-'))
const certificate = makeCertificate()

function makeCertificate(): { key: Buffer; cert: Buffer } | null {
  const [key, cert] = [path.join(folder, 'key'), path.join(folder, 'cert')]
  const subject = ['-subj', '/CN=localhost', '-days', '2', '-nodes']
  try {
    execFileSync(
      'openssl',
      ['req', '-x509', '-newkey', 'rsa:2048', '-keyout', key, '-out', cert, ...subject],
      {
        stdio: 'ignore',
      },
    )
    return { key: readFileSync(key), cert: readFileSync(cert) }
  } catch {
    return null
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Answers "S" to the request for TLS, and passes on what comes through it. */
async function openTlsProxy(url: string) {
  const target = `${new URL(url).searchParams.get('host')}/.s.PGSQL.5432`
  const named: unknown[] = []
  const open = new Set<Socket>()
  const server = createServer(async client => {
    open.add(client)
    client.on('error', () => {})
    await once(client, 'data')
    client.write('S')
    const secured = new TLSSocket(client, { isServer: true, ...certificate })
    secured.on('secure', () => named.push(Reflect.get(secured, 'servername')))
    const upstream = dial(target)
    secured.pipe(upstream).pipe(secured)
    for (const one of [secured, upstream])
      one.on('error', () => {}).on('close', () => [secured, upstream].map(it => it.destroy()))
  }).listen(0, 'localhost')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const one of open) one.destroy()
    server.close()
  })
  const address = server.address()
  const there = new URL(url)
  there.searchParams.delete('host')
  there.searchParams.set('sslmode', 'require')
  there.port = String(typeof address === 'object' ? address?.port : '')
  return { url: there.href, named }
}

test.skipIf(certificate === null)('it is asked for by its name, and stays while it is idle', async () => {
  const url = await freshDatabase(inject('postgresUrl'))
  const proxy = await openTlsProxy(url)
  const pool = connect(proxy.url, { max: 1, name: 'tls', answerWithinMs: 300 })
  const clock = connect(url, { max: 1, name: 'clock' })
  onTestFinished(async () => {
    await pool.close()
    await clock.close()
  })
  const ask = () => pool.db.execute<{ pid: number }>(sql`select pg_backend_pid() as pid`)
  const [before] = await ask()
  await clock.db.execute(sql`select pg_sleep(1)`)
  expect(await ask()).toEqual([before])
  expect(proxy.named).toEqual(['localhost'])
})
