// A registry of packages that asks for a token: one package of one version, made here, and who asked for it with what.
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

export const privateName = '@hidden/word'

export interface PrivateRegistry {
  url: string
  integrity: string
  tarball: string
  /** The tokens that were shown to it. */
  shown: Set<string>
  close(): Promise<void>
}

export async function startPrivateRegistry(token: string): Promise<PrivateRegistry> {
  const packed = await pack()
  const integrity = `sha512-${createHash('sha512').update(packed).digest('base64')}`
  const shasum = createHash('sha1').update(packed).digest('hex')
  const shown = new Set<string>()
  const at = { url: '' }
  const server = createServer((request, response) => {
    const given = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]
    if (given !== undefined) shown.add(given)
    if (given !== token) return response.writeHead(401).end('{"error":"a token is needed"}')
    const asked = decodeURIComponent(request.url ?? '')
    if (asked.endsWith('.tgz')) return response.end(packed)
    if (asked !== `/${privateName}`) return response.writeHead(404).end('{}')
    const dist = { tarball: `${at.url}${privateName}/-/word-1.0.0.tgz`, integrity, shasum }
    const version = { name: privateName, version: '1.0.0', type: 'module', main: 'index.js', dist }
    response.setHeader('content-type', 'application/json').end(
      JSON.stringify({
        name: privateName,
        'dist-tags': { latest: '1.0.0' },
        versions: { '1.0.0': version },
      }),
    )
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  at.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  return {
    url: at.url,
    integrity,
    tarball: `${at.url}${privateName}/-/word-1.0.0.tgz`,
    shown,
    close: () =>
      new Promise(resolve => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}

async function pack(): Promise<Buffer> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'sluice-package-'))
  try {
    await mkdir(path.join(folder, 'package'))
    const description = { name: privateName, version: '1.0.0', type: 'module', main: 'index.js' }
    await writeFile(path.join(folder, 'package/package.json'), JSON.stringify(description))
    await writeFile(
      path.join(folder, 'package/index.js'),
      'export const word = "from-the-private-registry"\n',
    )
    await run('tar', ['-czf', 'packed.tgz', 'package'], { cwd: folder })
    return await readFile(path.join(folder, 'packed.tgz'))
  } finally {
    await rm(folder, { recursive: true })
  }
}
