// Step 2: what kind of project this is: its root, what installs its dependencies, and where its functions are.
import path from 'node:path'
import { z } from 'zod'
import { type FunctionsFolder, findFunctionsFolder } from '../discovery/functions-folder.ts'
import { annotate, type Failed, failed } from '../failure.ts'
import {
  type Asked,
  chooseLockfile,
  chooseManager,
  lockfiles,
  type Manager,
  readAsked,
} from '../installing/package-manager.ts'
import { refusePointers } from '../lfs.ts'
import { foldersUp, isFile, isFolder, join, listFiles, readText } from '../project-files.ts'
import type { Order } from '../store.ts'
import type { Tools } from '../tools.ts'
import type { Sources } from './fetch.ts'

/** Paths are relative to the repository. */
export interface Project {
  root: string
  functions: FunctionsFolder
  /** Null: the project has no dependencies. */
  lockfile: { folder: string; name: string; manager: Manager } | null
}

export async function detectProject(
  order: Order & Sources,
  tools: Tools,
): Promise<{ project: Project } | Failed> {
  const root =
    path.posix.normalize(order.uploaded?.folder ?? order.environment.root).replace(/\/$/, '') || '.'
  if (path.posix.isAbsolute(root) || root.split('/').includes('..') || !(await isFolder(order.source, root)))
    return failed(
      'root_missing',
      `The root of environment ${order.environment.name}, "${order.environment.root}", is no folder of this commit. Correct "root" in .github/sluice.yml.`,
    )
  const dependencies = await readDependencies(order.source, root)
  if ('failure' in dependencies) return dependencies
  const lockfile = await findLockfile(order.source, root, dependencies)
  if (lockfile !== null && 'failure' in lockfile) return lockfile
  const functions = order.uploaded
    ? oneFunction(root, order.uploaded.entry)
    : findFunctionsFolder(root, await listFiles(order.source, root))
  if ('failure' in functions) return functions
  const kept = refusePointers(order.pointers, functions.files)
  if (kept) return kept
  tools.say(`${functions.files.length} function files in ${functions.folder}`)
  if (functions.ignored.length > 0) tools.say(`Not looked into: ${functions.ignored.join(', ')}`)
  return { project: { root, functions, lockfile } }
}

/** It may be a plain one or made with defer(): what takes a plain one leaves the other as it is. */
function oneFunction(folder: string, entry: string): FunctionsFolder {
  return { folder, style: 'plain', files: [join(folder, entry)], ignored: [] }
}

const names = z.record(z.string(), z.unknown()).optional()
const PackageFile = z.object({
  dependencies: names,
  devDependencies: names,
  optionalDependencies: names,
  peerDependencies: names,
})

/** Of the package the project belongs to: its file is in the root or in a folder above it. */
async function readDependencies(source: string, root: string): Promise<{ count: number } | Failed> {
  for (const folder of foldersUp(root)) {
    const file = join(folder, 'package.json')
    const text = await readText(source, file)
    if (text !== null) return countDependencies(file, text)
  }
  return failed(
    'package_json_missing',
    `There is no package.json in "${root}" or above it. Add one (npm init), or set the environment's root in .github/sluice.yml.`,
  )
}

function countDependencies(file: string, text: string): { count: number } | Failed {
  try {
    const sections = Object.values(PackageFile.parse(JSON.parse(text)))
    return { count: sections.reduce((sum, section) => sum + Object.keys(section ?? {}).length, 0) }
  } catch (error) {
    const problem = error instanceof SyntaxError ? error.message : 'its dependencies are not lists of names'
    return failed('package_json_invalid', `${file} cannot be read: ${problem}`, [
      annotate(file, lineOfSyntaxError(text, problem), problem),
    ])
  }
}

/** V8 says where in "… at position 12 (line 2 column 3)". */
function lineOfSyntaxError(text: string, message: string): number {
  const line = /line (\d+)/.exec(message)?.[1]
  if (line) return Number(line)
  const position = /position (\d+)/.exec(message)?.[1]
  return position ? text.slice(0, Number(position)).split('\n').length : 1
}

/** The nearest one: in the root, or above it where the project is part of a workspace. */
async function findLockfile(
  source: string,
  root: string,
  dependencies: { count: number },
): Promise<Project['lockfile'] | Failed> {
  const folders = foldersUp(root)
  for (const [index, folder] of folders.entries()) {
    const names = await lockfilesIn(source, folder)
    if (names.length === 0) continue
    const asked = await findAsked(source, folders.slice(0, index + 1))
    if (asked !== null && 'failure' in asked) return asked
    const name = chooseLockfile(folder, names, asked)
    if (name === null || typeof name !== 'string') return name
    const path = join(folder, name)
    const manager = chooseManager(asked, { path, name, text: (await readText(source, path)) ?? '' })
    return 'failure' in manager ? manager : { folder, name, manager }
  }
  if (dependencies.count === 0) return null
  return failed(
    'lockfile_missing',
    `The project in "${root}" has dependencies and no lockfile, so that every build could get other ones. Run "npm install" and commit package-lock.json (or what your package manager writes).`,
  )
}

async function lockfilesIn(source: string, folder: string): Promise<string[]> {
  const names = Object.keys(lockfiles)
  const there = await Promise.all(names.map(name => isFile(source, join(folder, name))))
  return names.filter((_, index) => there[index])
}

const AskingFile = z.object({ packageManager: z.unknown() })

/** The nearest "packageManager", up to the lockfile: above it, it would be another project's. */
async function findAsked(source: string, folders: string[]): Promise<Asked | null | Failed> {
  for (const folder of folders) {
    const file = join(folder, 'package.json')
    const text = await readText(source, file)
    if (text === null) continue
    const parsed = parseOrNull(text)
    if (parsed === null) return failed('package_json_invalid', `${file} is no JSON. Correct it.`)
    const found = AskingFile.safeParse(parsed.value).data?.packageManager
    if (found !== undefined) return readAsked(file, found)
  }
  return null
}

function parseOrNull(text: string): { value: unknown } | null {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return null
  }
}
