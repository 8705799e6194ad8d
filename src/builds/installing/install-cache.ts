// Installed dependencies, kept by what they were installed from. An entry is built beside its place and renamed, its marker
// written last, so what has a marker is whole. What at a glance no longer agrees with its marker is installed again at once;
// install-damage.ts looks closer.
import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, readlink, rename, stat, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { crashPoint } from '../../crash-point.ts'
import { removeFolder } from '../folders.ts'
import type { Contents } from './tree-thread.ts'
import { lookThrough } from './tree-threads.ts'

const Modules = z.object({
  /** The node_modules folder, relative to the repository. */
  path: z.string(),
  entries: z.number(),
  /** Links into the repository itself (workspaces): name and target. */
  local: z.array(z.object({ name: z.string(), target: z.string() })),
})
export type Modules = z.infer<typeof Modules>
const Look = z.object({
  /** What the file system said of all files (tree-thread.ts) when they were last found to be right. */
  state: z.string(),
  /** When they were last read for that. */
  readAt: z.number(),
})
export type Look = z.infer<typeof Look>
const Marker = Look.extend({ modules: z.array(Modules), digest: z.string(), bytes: z.number() })
const ContentsFile = z.array(z.tuple([z.string(), z.string()]))

export interface Install {
  entry: string
  /** A folder laid out as the repository is. */
  tree: string
  modules: Modules[]
}

const treeName = 'tree'
const markerName = 'complete.json'
/** The folder of what is bundled of its packages (prebundling/cache.ts). */
export const bundledName = 'packages'
const contentsName = 'contents.json'
// What the managers note about what they installed.
const inventories = ['.package-lock.json', '.yarn-integrity', '.yarn-state.yml', '.modules.yaml']

export async function findInstall(installs: string, key: string): Promise<Install | 'damaged' | null> {
  const entry = path.join(installs, key)
  const tree = path.join(entry, treeName)
  if ((await usedAtOf(entry)) === null) return null
  try {
    const marker = await readMarker(entry)
    if ((await digestOf(tree, marker.modules)) !== marker.digest) return 'damaged'
    const now = new Date()
    await utimes(path.join(entry, markerName), now, now) // when it was last of use, for eviction
    return { entry, tree, modules: marker.modules }
  } catch {
    return 'damaged'
  }
}

async function readMarker(entry: string): Promise<z.infer<typeof Marker>> {
  return Marker.parse(JSON.parse(await readFile(path.join(entry, markerName), 'utf8')))
}

/** Null: it is not there, or not whole. */
export async function usedAtOf(entry: string): Promise<Date | null> {
  return (await stat(path.join(entry, markerName)).catch(() => null))?.mtime ?? null
}

export async function readInstallSize(entry: string): Promise<number> {
  try {
    return (await readMarker(entry)).bytes
  } catch {
    return 0 // not whole: what it holds is not known
  }
}

export function readLook(entry: string): Promise<Look> {
  return readMarker(entry)
}

export async function noteLook(entry: string, look: Look): Promise<void> {
  const aside = path.join(entry, `${markerName}.${randomUUID()}`)
  await writeFile(aside, JSON.stringify({ ...(await readMarker(entry)), ...look }))
  await rename(aside, path.join(entry, markerName))
}

export async function readContents(entry: string): Promise<Contents> {
  const text = await readFile(path.join(entry, contentsName), 'utf8')
  return new Map(ContentsFile.parse(JSON.parse(text)))
}

/** Builds that use it at this moment keep the files they have opened. */
export async function dropInstall({ entry }: Install): Promise<void> {
  const old = `${entry}.${randomUUID()}.old`
  await rename(entry, old).catch(() => {}) // somebody else was faster
  await removeFolder(old)
}

/** `fill` installs into the given folder and resolves to the node_modules folders that may now be there. */
export async function addInstall<Refused extends object>(
  installs: string,
  key: string,
  fill: (tree: string) => Promise<{ folders: string[] } | Refused>,
  signal: AbortSignal,
): Promise<Install | Refused> {
  const building = path.join(installs, `.${key}.${randomUUID()}`)
  try {
    const tree = path.join(building, treeName)
    await mkdir(tree, { recursive: true })
    const filled = await fill(tree)
    if (!('folders' in filled)) return filled
    crashPoint('install.filled')
    const modules = await describeModules(tree, filled.folders)
    const { contents, state, bytes } = await lookThrough({ tree, read: true }, signal)
    await writeFile(path.join(building, contentsName), JSON.stringify([...contents]))
    const digest = await digestOf(tree, modules)
    const marker: z.infer<typeof Marker> = { modules, digest, bytes, state, readAt: Date.now() }
    await writeFile(path.join(building, markerName), JSON.stringify(marker))
    crashPoint('install.marked')
    const entry = path.join(installs, key)
    await moveIntoPlace(building, entry)
    return { entry, tree: path.join(entry, treeName), modules }
  } finally {
    await removeFolder(building)
  }
}

async function moveIntoPlace(building: string, entry: string): Promise<void> {
  try {
    await rename(building, entry)
  } catch {
    // Somebody was faster, or a damaged entry is in the way: the one just made is whole. Builds that still use the other
    // keep their open files, not its names; they are tried again.
    const old = `${entry}.${randomUUID()}.old`
    await rename(entry, old)
    crashPoint('install.moved-aside')
    await rename(building, entry)
    await removeFolder(old)
  }
}

async function describeModules(tree: string, folders: string[]): Promise<Modules[]> {
  const described = await Promise.all(
    folders.map(async folder => {
      const entries = await readdir(path.join(tree, folder)).catch(() => null)
      return entries && { path: folder, entries: entries.length, local: await localLinks(tree, folder) }
    }),
  )
  return described.filter(modules => modules !== null)
}

/** In plain node_modules folders, what is part of the repository is a link, and nothing else is but .bin's files. */
async function localLinks(tree: string, folder: string): Promise<Modules['local']> {
  const names = await readdir(path.join(tree, folder), { withFileTypes: true })
  const scoped = await Promise.all(
    names
      .filter(entry => entry.isDirectory() && entry.name.startsWith('@'))
      .map(async scope => {
        const inside = await readdir(path.join(tree, folder, scope.name), { withFileTypes: true })
        return inside.filter(entry => entry.isSymbolicLink()).map(({ name }) => `${scope.name}/${name}`)
      }),
  )
  const links = [...names.filter(entry => entry.isSymbolicLink()).map(({ name }) => name), ...scoped.flat()]
  return Promise.all(links.map(async name => ({ name, target: await targetOf(tree, folder, name) })))
}

/** Relative, so that it leads into whatever repository it is put in. */
async function targetOf(tree: string, folder: string, name: string): Promise<string> {
  const link = path.join(tree, folder, name)
  const target = await readlink(link)
  return path.isAbsolute(target) ? path.relative(path.dirname(link), target) : target
}

/** Cheap, and enough to notice an entry that lost a part: what its manager noted, and how much is there. */
async function digestOf(tree: string, modules: Modules[]): Promise<string> {
  const hash = createHash('sha256')
  for (const { path: folder, local } of modules) {
    const entries = await readdir(path.join(tree, folder))
    hash.update(JSON.stringify([folder, entries.sort(), local]))
    for (const name of inventories)
      if (entries.includes(name)) hash.update(await readFile(path.join(tree, folder, name)))
  }
  return hash.digest('hex')
}
