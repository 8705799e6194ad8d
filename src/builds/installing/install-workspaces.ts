// The parts of a repository that an install of Yarn, pnpm or Bun needs beside the lockfile: the packages of its workspaces,
// what they name by file:, link: or portal:, and patches. (npm's lockfile names them itself: install-plan.ts.)
import path from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { isFile, isFolder, join, listFiles, readText } from '../project-files.ts'

export interface Parts {
  /** Folders, the lockfile's own first. */
  packages: string[]
  /** Packed packages, and patches. */
  files: string[]
}

const Names = z.record(z.string(), z.unknown()).catch({})
const PackageFile = z.object({
  workspaces: z
    .union([z.array(z.string()), z.object({ packages: z.array(z.string()) }).transform(one => one.packages)])
    .catch([]),
  dependencies: Names,
  devDependencies: Names,
  optionalDependencies: Names,
  resolutions: Names,
})
const PnpmWorkspace = z.object({ packages: z.array(z.string()).catch([]) })

export async function findParts(source: string, folder: string): Promise<Parts> {
  const below = (await listFiles(source, folder)).map(file => path.posix.relative(folder, file))
  const patterns = await readPatterns(source, folder)
  const members = below
    .filter(file => path.posix.basename(file) === 'package.json' && file !== 'package.json')
    .map(file => path.posix.dirname(file))
    .filter(member => isMember(member, patterns))
  const packages = [folder, ...members.map(member => join(folder, member))]
  const named = (await Promise.all(packages.map(one => localNames(source, one)))).flat()
  const patches = below.filter(file => file.endsWith('.patch')).map(file => join(folder, file))
  const yarnPatches = join(folder, '.yarn/patches')
  if (await isFolder(source, yarnPatches)) patches.push(...(await listFiles(source, yarnPatches)))
  const linked = await asyncFilter(named, async one => isFile(source, join(one, 'package.json')))
  const packed = await asyncFilter(named, async one => isFile(source, one))
  return {
    packages: [...new Set([...packages, ...linked])],
    files: [...new Set([...packed, ...patches])].sort(),
  }
}

async function readPatterns(source: string, folder: string): Promise<string[]> {
  const pnpm = await readText(source, join(folder, 'pnpm-workspace.yaml'))
  if (pnpm !== null) return attempt(() => PnpmWorkspace.parse(parse(pnpm)).packages) ?? []
  return (await readPackageFile(source, folder))?.workspaces ?? []
}

/** `patterns` as managers read them: globs of folders, with `!` for those left out. */
export function isMember(folder: string, patterns: string[]): boolean {
  const clean = patterns.map(pattern => pattern.replace(/^(!?)\.?\//, '$1').replace(/\/+$/, ''))
  const matches = (pattern: string) => path.posix.matchesGlob(folder, pattern)
  const without = clean.filter(pattern => pattern.startsWith('!')).map(pattern => pattern.slice(1))
  return clean.some(pattern => !pattern.startsWith('!') && matches(pattern)) && !without.some(matches)
}

/** What a package names by its place in the repository. */
async function localNames(source: string, folder: string): Promise<string[]> {
  const file = await readPackageFile(source, folder)
  const specifiers = Object.values({
    ...file?.dependencies,
    ...file?.devDependencies,
    ...file?.optionalDependencies,
    ...file?.resolutions,
  })
  return specifiers.flatMap(specifier => {
    const name =
      typeof specifier === 'string' ? /^(?:file|link|portal):(.+)$/.exec(specifier)?.[1] : undefined
    if (name === undefined || path.posix.isAbsolute(name)) return []
    const place = join(folder, name)
    return place.startsWith('..') ? [] : [place]
  })
}

async function readPackageFile(source: string, folder: string): Promise<z.infer<typeof PackageFile> | null> {
  const text = await readText(source, join(folder, 'package.json'))
  return text === null ? null : attempt(() => PackageFile.parse(JSON.parse(text)))
}

/** The manager says better than we could what is wrong with its files. */
function attempt<Value>(read: () => Value): Value | null {
  try {
    return read()
  } catch {
    return null
  }
}

async function asyncFilter(list: string[], test: (one: string) => Promise<boolean>): Promise<string[]> {
  const passed = await Promise.all(list.map(test))
  return list.filter((_, index) => passed[index])
}
