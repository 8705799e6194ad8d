// Bundled packages, kept beside the install they are of, and gone with it. An entry is made elsewhere and renamed, so one that
// is there is whole; a file that no longer has its digest counts as not there.
import { randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, stat, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { removeFolder } from '../folders.ts'
import { bundledName } from '../installing/install-cache.ts'
import { digestOfFile } from '../known-files.ts'
import { someAtOnce } from '../some-at-once.ts'
import { Prebundled } from './prebundled.ts'

const Entry = Prebundled.extend({ digests: z.record(z.string(), z.string()) })

/** Bundled packages in a folder: the cache's, or a build's own until they are kept. */
export interface Placed extends Prebundled {
  key: string
  folder: string
}

const indexName = 'index.json'
const mostKept = 8
const filesAtOnce = 16
// Longer than any build may take.
const protectedMs = 60 * 60_000

export async function findPrebundled(tree: string, key: string): Promise<Placed | null> {
  const folder = path.join(folderOf(tree), key)
  try {
    const { digests, ...found } = Entry.parse(
      JSON.parse(await readFile(path.join(folder, indexName), 'utf8')),
    )
    await someAtOnce(Object.entries(digests), filesAtOnce, async ([name, digest]) => {
      if ((await digestOfFile(path.join(folder, name))) !== digest) throw new Error(`${name} is damaged`)
    })
    const now = new Date()
    await utimes(folder, now, now) // when it was last of use
    return { ...found, key, folder }
  } catch {
    return null
  }
}

/** Moves what was made into the cache, if it is not there already; resolves to where it is then. */
export async function keepPrebundled(tree: string, made: Placed): Promise<Placed> {
  const { key, packages, files, asked } = made
  const folder = path.join(folderOf(tree), key)
  if (made.folder === folder) return made
  const names = await readdir(made.folder)
  const digests = await Promise.all(
    names.map(async name => [name, await digestOfFile(path.join(made.folder, name))] as const),
  )
  const entry: z.infer<typeof Entry> = { packages, files, asked, digests: Object.fromEntries(digests) }
  await writeFile(path.join(made.folder, indexName), JSON.stringify(entry))
  await mkdir(folderOf(tree), { recursive: true })
  await moveIntoPlace(made, folder, tree)
  await removeOldest(folderOf(tree), new Date())
  return { ...made, folder }
}

/** What somebody else has made meanwhile is the same, and may be in use already. */
async function moveIntoPlace(made: Placed, folder: string, tree: string): Promise<void> {
  try {
    await rename(made.folder, folder)
  } catch {
    if (await findPrebundled(tree, made.key)) return
    const damaged = `${folder}.${randomUUID()}`
    await rename(folder, damaged)
    await rename(made.folder, folder)
    await removeFolder(damaged)
  }
}

function folderOf(tree: string): string {
  return path.join(path.dirname(tree), bundledName)
}

async function removeOldest(folder: string, now: Date): Promise<void> {
  const entries = await Promise.all(
    (await readdir(folder)).map(async name => ({
      name,
      usedAt: (await stat(path.join(folder, name)).catch(() => null))?.mtimeMs ?? 0,
    })),
  )
  const oldest = entries.sort((a, b) => b.usedAt - a.usedAt).slice(mostKept)
  for (const { name, usedAt } of oldest)
    if (now.getTime() - usedAt > protectedMs) await removeFolder(path.join(folder, name))
}
