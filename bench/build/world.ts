// A local GitHub, Sluice as a process of its own, and a person who pushes to it by git.
import path from 'node:path'
import { type SluiceProcess, startSluice } from '../../sandbox/demo/server.ts'
import { collaborators, startSandbox } from '../../sandbox/start.ts'
import { type Checkout, clone } from '../../sandbox/testing/checkout.ts'
import { type Measured, openRecords } from './records.ts'

const repository = { owner: 'acme', name: 'bench' }

export interface World extends AsyncDisposable {
  checkout: Checkout
  dataDir: string
  pid: number
  /** The archive of the newest commit, as a builder gets it. */
  archive(): Promise<Response>
  push(message: string): Promise<Measured>
  close(): Promise<void>
}

export async function createWorld(folder: string): Promise<World> {
  const dataDir = path.join(folder, 'data')
  await using opened = new AsyncDisposableStack()
  const sandbox = await startSandbox({ dir: path.join(folder, 'sandbox') })
  opened.defer(() => sandbox.close())
  const sluice: SluiceProcess = await startSluice({ dataDir, settings: sandbox.settings })
  opened.defer(() => sluice.stop())
  sandbox.github.setWebhookUrl(`${sluice.url}/api/github/webhooks`)
  await sandbox.github.createRepository({ ...repository, collaborators })
  await sandbox.github.install(repository.owner)
  const person = { login: 'alice', token: sandbox.tokens.alice ?? '' }
  const full = `${repository.owner}/${repository.name}`
  const checkout = await clone(sandbox.github.url, full, person, path.join(folder, 'checkout'))
  const records = await openRecords(dataDir)
  opened.defer(() => records.close())
  const open = opened.move()
  const close = () => open.disposeAsync()
  return {
    checkout,
    dataDir,
    pid: sluice.pid,
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
    close,
    [Symbol.asyncDispose]: close,
  }
}
