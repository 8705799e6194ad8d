// Where imports lead, remembered from build to build: asking the bundler takes it four milliseconds a name, because it begins
// each time with nothing known of the disk. What is remembered holds for the same install, as long as neither the names of the
// repository's files change, nor one of those that say how names are read: package.json, tsconfig.json and what they extend,
// and configurations of bundlers.
import { createHash } from 'node:crypto'
import { readdir, readFile, readlink } from 'node:fs/promises'
import path from 'node:path'
import { digestOf } from '../bundling/code-digest.ts'

export interface Place {
  /** Relative to the install. */
  file: string
  sideEffects: boolean
}

/** By what asks: how, for which name, from where in the repository. */
export type Places = Map<string, Place>

const mostRepositories = 50
const mostFiles = 20_000
const remembered = new Map<string, Places>()

/** `settings`: what else decides where a name leads. `modules`: folders of the repository that hold nothing but the install. */
export async function rememberedPlaces(
  source: string,
  { tree, modules }: { tree: string; modules: string[] },
  settings: unknown,
): Promise<Places> {
  const names = await namesIn(source, new Set(modules))
  if (names === null) return new Map()
  const key = digestOf([tree, settings, names])
  const places: Places = remembered.get(key) ?? new Map()
  remembered.delete(key) // the newest is the last
  remembered.set(key, places)
  for (const oldest of [...remembered.keys()].slice(0, -mostRepositories)) remembered.delete(oldest)
  return places
}

const says = /\.json$|config/i

/** Every file, with its content where that counts. Null: too many. */
async function namesIn(source: string, modules: ReadonlySet<string>): Promise<string[] | null> {
  const folders = ['']
  const found: string[] = []
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const entries = await readdir(path.join(source, folder), { withFileTypes: true })
    const described = entries.map(async entry => {
      const name = path.posix.join(folder, entry.name)
      if (modules.has(name)) return []
      if (entry.isDirectory()) folders.push(name)
      if (entry.isSymbolicLink()) return [`${name} ${await readlink(path.join(source, name))}`]
      return [entry.isFile() && says.test(entry.name) ? `${name} ${await digestIn(source, name)}` : name]
    })
    found.push(...(await Promise.all(described)).flat())
    if (found.length > mostFiles) return null
  }
  return found.sort()
}

async function digestIn(source: string, name: string): Promise<string> {
  const content = await readFile(path.join(source, name))
  return createHash('sha256').update(content).digest('hex')
}
