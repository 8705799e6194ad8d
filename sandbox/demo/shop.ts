// The working copy of the example project that the story pushes from: real git, over HTTP, as alice.
import { cpSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { clone, type Person } from '../testing/checkout.ts'
import { checkout } from './server.ts'

export interface Shop {
  edit(file: string, change: (text: string) => string): Promise<void>
  remove(file: string): Promise<void>
  /** Brings a file back as it was in the commit before the newest. */
  bringBack(file: string): Promise<void>
  branch(name: string): Promise<void>
  /** Goes to a branch as it stands on GitHub. */
  goTo(branch: string): Promise<void>
  /** Commits everything and pushes the branch; resolves to the commit. */
  push(message: string): Promise<string>
}

export async function createShop(
  folder: string,
  url: string,
  repository: string,
  person: Person,
): Promise<Shop> {
  const { git, commit, push } = await clone(url, repository, person, folder)
  const example = path.join(checkout, 'examples/shop')
  cpSync(example, folder, { recursive: true, filter: file => !file.includes('node_modules') })
  return {
    async edit(file, change) {
      const at = path.join(folder, file)
      await writeFile(at, change(await readFile(at, 'utf8')))
    },
    remove: file => rm(path.join(folder, file)),
    bringBack: async file => void (await git('checkout', '-q', 'HEAD~1', '--', file)),
    branch: async name => void (await git('checkout', '-q', '-b', name)),
    async goTo(branch) {
      await git('fetch', '-q', 'origin')
      await git('checkout', '-q', '-B', branch, `origin/${branch}`)
    },
    async push(message) {
      const sha = await commit(message)
      await push('origin', 'HEAD')
      return sha
    },
  }
}
