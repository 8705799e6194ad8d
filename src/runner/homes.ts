// Private folders of children, in one of this process's own, named by its pid: what an earlier process that was killed left
// behind is removed at the next start.
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { isRunning } from '../is-running.ts'

export interface Homes {
  make(): Promise<string>
  remove(): Promise<void>
}

/** What still writes into it, or cannot be removed now, goes with all of this process's. */
export async function removeHome(home: string): Promise<void> {
  await rm(home, { recursive: true, force: true, maxRetries: 3 }).catch(() => {})
}

export function createHomes(folder: string): Homes {
  let own: Promise<string> | null = null
  async function create(): Promise<string> {
    await mkdir(folder, { recursive: true })
    for (const name of await readdir(folder))
      if (!isRunning(Number.parseInt(name, 10)))
        await rm(path.join(folder, name), { recursive: true, force: true })
    return mkdtemp(path.join(folder, `${process.pid}-`))
  }
  return {
    async make() {
      own ??= create().catch(error => {
        own = null // a full disk may have room again
        throw error
      })
      return mkdtemp(path.join(await own, 'child-'))
    },
    async remove() {
      if (own) await rm(await own, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}
