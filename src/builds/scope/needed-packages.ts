// The packages of a repository that a project needs: those its package.json names, those that they name, and so on.
import { z } from 'zod'
import { join, readText } from '../project-files.ts'

const Names = z.record(z.string(), z.unknown()).catch({})
const PackageFile = z.object({
  name: z.string().catch(''),
  dependencies: Names,
  devDependencies: Names,
  optionalDependencies: Names,
  peerDependencies: Names,
})
type PackageFile = z.infer<typeof PackageFile>

/**
 * `from`: the project's folder and those above it, whose packages' dependencies it can import too. `members`: the folders of
 * all packages that the install links. Resolves to folders.
 */
export async function neededPackages(source: string, from: string[], members: string[]): Promise<string[]> {
  const files = new Map<string, PackageFile>()
  for (const folder of new Set([...from, ...members])) {
    const file = await readPackageFile(source, folder)
    if (file) files.set(folder, file)
  }
  const folderOf = new Map(members.map(folder => [files.get(folder)?.name ?? '', folder]))
  const needed = new Set<string>()
  const waiting = [...from]
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    for (const member of namedBy(folder, files.get(folder), folderOf, members)) {
      if (needed.has(member) || from.includes(member)) continue
      needed.add(member)
      waiting.push(member)
    }
  }
  return [...needed].sort()
}

function namedBy(
  folder: string,
  file: PackageFile | undefined,
  folderOf: ReadonlyMap<string, string>,
  members: string[],
): string[] {
  if (!file) return []
  const { dependencies, devDependencies, optionalDependencies, peerDependencies } = file
  const all = [dependencies, devDependencies, optionalDependencies, peerDependencies].flatMap(Object.entries)
  return all.flatMap(([name, asked]) => {
    const said = typeof asked === 'string' ? asked : ''
    const place = /^(?:file|link|portal|workspace):(\.{0,2}\/.*|[\w-].*)$/.exec(said)?.[1]
    const alias = /^(?:workspace|npm):(@?[^@]+)@/.exec(said)?.[1]
    const named = [folderOf.get(name), folderOf.get(alias ?? name)].filter(found => found !== undefined)
    const placed = place === undefined ? [] : members.filter(member => member === join(folder, place))
    return [...named, ...placed]
  })
}

async function readPackageFile(source: string, folder: string): Promise<PackageFile | null> {
  const text = await readText(source, join(folder, 'package.json'))
  try {
    return text === null ? null : PackageFile.parse(JSON.parse(text))
  } catch {
    return null // its package manager complains of it better
  }
}
