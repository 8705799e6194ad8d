// Beside step 6: what the build was made of (builds/scope/scope.ts), as far as the commit's files and the bundler tell. It reads
// only, and what it cannot make sense of just has no scope: the next push is built.
import { readdir, realpath } from 'node:fs/promises'
import path from 'node:path'
import { messageOf } from '../../errors.ts'
import { readInputs } from '../installing/install-inputs.ts'
import { foldersUp, isFile, join, readText } from '../project-files.ts'
import { neededPackages } from '../scope/needed-packages.ts'
import { scopeOf } from '../scope/scope.ts'
import { extendedConfigurations } from '../scope/tsconfig-chain.ts'
import type { Order } from '../store.ts'
import type { Tools } from '../tools.ts'
import type { Project } from './detect.ts'

/** `inputs`: files of the repository that the bundler took in. Null: content does not tell whether it has changed. */
export async function findScope(
  { source, project, inputs, watch }: Order & { source: string; project: Project; inputs: string[] },
  tools: Pick<Tools, 'say'>,
): Promise<{ scope: string[] | null }> {
  try {
    return { scope: await measure(source, project, inputs, watch) }
  } catch (error) {
    tools.say(`What this build is made of could not be told, so the next push is built: ${messageOf(error)}`)
    return { scope: null }
  }
}

async function measure(
  source: string,
  project: Project,
  inputs: string[],
  watch: string[],
): Promise<string[] | null> {
  const { root } = project
  const installed = await partsOfInstall(source, project)
  const packages = new Set([
    ...installed.packages,
    ...(await packagesOf(source, inputs, root)),
    ...(await realFolder(source, root)),
  ])
  const own = [root, ...packages]
  if (await namesItsCommit(source, own)) return null
  return scopeOf({
    root,
    packages: [...packages],
    inputs,
    folders: [...watch, ...installed.folders],
    files: [
      ...installed.files,
      ...(await extendedConfigurations(source, own)),
      ...(root === '.' ? [] : await targetsOfLinks(source, own)),
    ],
  })
}

async function partsOfInstall(source: string, { root, lockfile }: Project) {
  const inputs = lockfile && (await readInputs(source, lockfile))
  if (!lockfile || !inputs || 'failure' in inputs) return { packages: [], folders: [], files: [] }
  const files = inputs.copied.map(copied => copied.path)
  return {
    packages: await neededPackages(source, foldersUp(root), inputs.packages),
    // What Yarn keeps in the repository: patches, plugins, packed packages.
    folders: lockfile.manager.name === 'yarn' ? [join(lockfile.folder, '.yarn')] : [],
    files: files.filter(file => path.posix.basename(file) !== 'package.json'),
  }
}

/** Of files outside the project: the packages they are part of, which say how they are to be read. */
async function packagesOf(source: string, inputs: string[], root: string): Promise<string[]> {
  const outside = inputs.filter(file => root !== '.' && !file.startsWith(`${root}/`))
  const folders = new Set(outside.map(file => path.posix.dirname(file)))
  const found = await Promise.all([...folders].map(folder => packageOf(source, folder)))
  const above = new Set(foldersUp(root))
  return found.filter(folder => folder !== null).filter(folder => !above.has(folder))
}

async function packageOf(source: string, from: string): Promise<string | null> {
  for (const folder of foldersUp(from)) if (await isFile(source, join(folder, 'package.json'))) return folder
  return null
}

/** The root may be a link to another folder of the repository. */
async function realFolder(source: string, root: string): Promise<string[]> {
  const real = path.relative(source, await realpath(path.join(source, root)))
  return real === '' || real === root ? [] : [real]
}

/** git can write the commit's name into files as it packs them: those differ where their content does not. */
async function namesItsCommit(source: string, folders: string[]): Promise<boolean> {
  const looked = new Set(folders.flatMap(foldersUp))
  for (const folder of looked) {
    const attributes = await readText(source, join(folder, '.gitattributes'))
    if (attributes !== null && /\bexport-subst\b/.test(attributes)) return true
  }
  return false
}

async function targetsOfLinks(source: string, folders: string[]): Promise<string[]> {
  const targets: string[] = []
  const waiting = [...folders]
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    const entries = await readdir(path.join(source, folder), { withFileTypes: true }).catch(() => [])
    for (const entry of entries) {
      const name = join(folder, entry.name)
      if (entry.name === 'node_modules') continue
      if (entry.isDirectory()) waiting.push(name)
      if (entry.isSymbolicLink()) targets.push(...(await targetOf(source, name)))
    }
  }
  return targets
}

/** Both as a file and as a folder: either way what it leads to counts. */
async function targetOf(source: string, link: string): Promise<string[]> {
  const real = await realpath(path.join(source, link)).catch(() => null)
  const target = real === null ? '..' : path.relative(source, real)
  return target.startsWith('..') || target === '' ? [] : [target, `${target}/**`]
}
