// A real registry on this machine (Debian's docker-registry), behind a door that asks for a token as hosted ones do; and a base
// image of the Node that runs the tests with what it needs of the system.
import { execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import http from 'node:http'
import net from 'node:net'
import path from 'node:path'
import { promisify } from 'node:util'
import { makeImage } from '../../src/images/image.ts'
import { type LayerFile, makeLayer } from '../../src/images/layer.ts'
import { push } from '../../src/images/push.ts'
import { type Credentials, createRegistry } from '../../src/images/registry.ts'

const run = promisify(execFile)
export const credentials: Credentials = { user: 'sluice', password: 'hush' }

export function hasPrograms(...names: string[]): boolean {
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/usr/bin']
  return names.every(name => folders.some(folder => existsSync(path.join(folder, name))))
}

export async function startRegistry(folder: string) {
  await mkdir(folder, { recursive: true })
  const port = await freePort()
  const settings = path.join(folder, 'registry.yml')
  await writeFile(
    settings,
    `version: 0.1\nlog: { level: error }\nstorage: { filesystem: { rootdirectory: ${folder}/blobs } }\nhttp: { addr: '127.0.0.1:${port}' }\n`,
  )
  const child = spawn('docker-registry', ['serve', settings], { stdio: 'ignore' })
  while (
    !(await fetch(`http://127.0.0.1:${port}/v2/`).then(
      one => one.ok,
      () => false,
    ))
  )
    await new Promise(resolve => setTimeout(resolve, 50))
  const door = await openDoor(port)
  return {
    /** Asks for a token. */
    url: door.url,
    /** Asks for nothing. */
    open: `127.0.0.1:${port}`,
    /** Paths of uploads that were completed since the last call. */
    uploads: door.uploads,
    async stop() {
      door.close()
      const ended = new Promise(resolve => child.once('exit', resolve))
      child.kill()
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Anything is 401 without a token; a token is for the scopes it was asked for, by user and password. */
async function openDoor(port: number) {
  let seen: string[] = []
  const basic = `Basic ${Buffer.from(`${credentials.user}:${credentials.password}`).toString('base64')}`
  const server = http.createServer((request, response) => {
    const own = `http://${request.headers.host}`
    const url = new URL(request.url ?? '/', own)
    if (url.pathname === '/token') {
      const isKnown = request.headers.authorization === basic
      response
        .writeHead(isKnown ? 200 : 401)
        .end(JSON.stringify({ token: url.searchParams.getAll('scope').join() }))
      return
    }
    const [, name = ''] = /^\/v2\/(.+)\/(?:blobs|manifests)\//.exec(url.pathname) ?? []
    const token = request.headers.authorization?.replace('Bearer ', '') ?? ''
    if (!token.includes(`repository:${name}:`)) {
      const challenge = `Bearer realm="${own}/token",service="sluice tests",scope="repository:${name}:pull"`
      response.writeHead(401, { 'www-authenticate': challenge }).end()
      return
    }
    if (request.method === 'PUT') seen.push(url.pathname)
    const { authorization, ...headers } = request.headers
    const forward = http.request({ port, path: request.url, method: request.method, headers }, answer => {
      response.writeHead(answer.statusCode ?? 500, answer.headers)
      answer.pipe(response)
    })
    forward.on('error', () => response.destroy())
    request.pipe(forward)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
    uploads() {
      const all = seen
      seen = []
      return all
    },
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

/** As base/node:24, with our own means: the registry is the only thing that is needed. */
export async function pushNodeBase(registryUrl: string): Promise<void> {
  const node = await realpath(process.execPath)
  const { stdout } = await run('ldd', [node])
  const libraries = [...stdout.matchAll(/(\/\S+\.so[.\d]*)/g)].map(([, file = '']) => file)
  const files: LayerFile[] = [
    { path: 'usr/bin/node', content: await readFile(node), executable: true },
    { path: 'etc/passwd', content: Buffer.from('nonroot:x:65532:65532::/:/sbin/nologin\n') },
    { path: 'tmp/.keep', content: Buffer.from('') },
  ]
  for (const file of new Set(libraries))
    files.push({ path: file.slice(1), content: await readFile(file), executable: true })
  const none = { type: 'layers' as const, diff_ids: [] }
  const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64'
  const empty = {
    layers: [],
    config: { architecture, os: 'linux', config: { Env: ['PATH=/usr/bin'] }, rootfs: none },
  }
  const image = makeImage({ base: empty, layers: [makeLayer(files)], args: [], title: 'node' })
  const registry = createRegistry(registryUrl, credentials)
  const reference = { registry: registryUrl, name: 'base/node', version: '24' }
  await push(
    { registry, name: 'base/node' },
    image,
    { registry, reference, image: empty, sameRegistry: true },
    '24',
  )
}

function freePort(): Promise<number> {
  return new Promise(resolve => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
