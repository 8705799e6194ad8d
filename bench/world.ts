// A local GitHub, Sluice as a process of its own, and a person who pushes to repositories there by git.
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { removeData, type SluiceProcess, startSluice } from '../sandbox/demo/server.ts'
import { collaborators, startSandbox } from '../sandbox/start.ts'
import { type Checkout, clone } from '../sandbox/testing/checkout.ts'
import { type Measured, openRecords, type Records } from './records.ts'

export interface World extends AsyncDisposable {
  dataDir: string
  pid: number
  records: Records
  /** Makes one, and a checkout of it. */
  repository(name: string): Promise<Repository>
  close(): Promise<void>
  /** Closes it, and removes everything that was made. */
  remove(): Promise<void>
}

export interface Repository {
  /** owner/name */
  full: string
  checkout: Checkout
  /** The archive of the newest commit, as a builder gets it. */
  archive(): Promise<Response>
  push(message: string): Promise<Measured>
}

const owner = 'acme'

export async function createWorld(folder: string): Promise<World> {
  const dataDir = path.join(folder, 'data')
  await using opened = new AsyncDisposableStack()
  const sandbox = await startSandbox({ dir: path.join(folder, 'sandbox') })
  opened.defer(() => sandbox.close())
  const sluice: SluiceProcess = await startSluice({ dataDir, settings: sandbox.settings })
  opened.defer(() => sluice.stop())
  sandbox.github.setWebhookUrl(`${sluice.url}/api/github/webhooks`)
  await sandbox.github.install(owner)
  const records = await openRecords(dataDir)
  opened.defer(() => records.close())
  const open = opened.move()
  const close = () => open.disposeAsync()
  const person = { login: 'alice', token: sandbox.tokens.alice ?? '' }
  return {
    dataDir,
    pid: sluice.pid,
    records,
    async repository(name) {
      await sandbox.github.createRepository({ owner, name, collaborators })
      const full = `${owner}/${name}`
      const checkout = await clone(sandbox.github.url, full, person, path.join(folder, 'checkouts', name))
      return {
        full,
        checkout,
        archive: () =>
          fetch(`${sandbox.github.apiUrl}/repos/${full}/tarball/HEAD`, {
            headers: { authorization: `Bearer ${person.token}` },
          }),
        async push(message) {
          const sha = await checkout.commit(message)
          const since = await records.now()
          await checkout.push('origin', 'HEAD')
          return records.measure(sha, since)
        },
      }
    },
    close,
    async remove() {
      await close()
      await removeData(dataDir)
      await rm(folder, { recursive: true, force: true })
    },
    [Symbol.asyncDispose]: close,
  }
}
