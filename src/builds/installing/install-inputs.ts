// The files an install depends on, read from the repository: the lockfile, the manager's settings beside it, and the parts
// of the repository it installs. The project's other files neither get to the manager nor change the key of the cache.
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { type Failed, failed } from '../failure.ts'
import { isFile, join, readText } from '../project-files.ts'
import { installPartOf, localPartsOf } from './install-plan.ts'
import { namesRegistry, settingsFilesOf, usableSettings, withVariables } from './install-settings.ts'
import { findParts, type Parts } from './install-workspaces.ts'
import type { Manager } from './package-manager.ts'

export interface Inputs {
  /** What the key is made of. */
  files: { path: string; content: string }[]
  /** What the manager needs to find; the file of the repository where no content is given. */
  copied: { path: string; content: string | null }[]
  /** Folders of packages, the lockfile's own among them. */
  packages: string[]
  /** The project names a registry of its own. */
  ownRegistry: boolean
  /** pnpm-workspace.yaml is there. */
  workspace: boolean
  /** Variables that the settings name and the environment does not have, each with where and what came of it. */
  missing: string[]
}

export async function readInputs(
  source: string,
  lockfile: { folder: string; name: string; manager: Manager },
  variables: ReadonlySet<string> = new Set(),
): Promise<Inputs | Failed> {
  const lockPath = join(lockfile.folder, lockfile.name)
  const parts =
    lockfile.manager.name === 'npm'
      ? await npmParts(source, lockfile.folder, lockPath)
      : await findParts(source, lockfile.folder)
  if ('failure' in parts) return parts
  const files = [await asContent(source, lockPath)]
  const copied: Inputs['copied'] = [{ path: lockPath, content: null }]
  const { settings, missing } = await readSettings(source, lockfile, variables)
  files.push(...settings)
  copied.push(...settings)
  for (const folder of parts.packages) {
    const file = join(folder, 'package.json')
    const text = await readText(source, file)
    if (text === null) continue
    files.push({ path: file, content: installPart(text) })
    copied.push({ path: file, content: null })
  }
  for (const file of parts.files) {
    files.push(await asContent(source, file))
    copied.push({ path: file, content: null })
  }
  return {
    files,
    copied,
    packages: parts.packages,
    ownRegistry: settings.some(({ content }) => namesRegistry(content)),
    workspace: settings.some(({ path: file }) => path.posix.basename(file) === 'pnpm-workspace.yaml'),
    missing,
  }
}

/** A package.json that is no JSON is the manager's to complain about. */
function installPart(text: string): string {
  try {
    return installPartOf(text)
  } catch {
    return text
  }
}

async function asContent(source: string, file: string): Promise<{ path: string; content: string }> {
  return { path: file, content: await readFile(path.join(source, file), 'base64') }
}

async function npmParts(source: string, folder: string, lockPath: string): Promise<Parts | Failed> {
  const local = localPartsOf((await readText(source, lockPath)) ?? '', folder)
  if ('problem' in local)
    return failed(
      'lockfile_invalid',
      `${lockPath} cannot be used: ${local.problem}. Run "npm install" and commit it.`,
    )
  for (const tarball of local.tarballs)
    if (!(await isFile(source, tarball)))
      return failed('lockfile_invalid', `${lockPath} needs "${tarball}", which is not in the repository.`)
  return { packages: [folder, ...local.packages], files: local.tarballs }
}

async function readSettings(
  source: string,
  lockfile: { folder: string; manager: Manager },
  variables: ReadonlySet<string>,
): Promise<{ settings: { path: string; content: string }[]; missing: string[] }> {
  const settings: { path: string; content: string }[] = []
  const missing: string[] = []
  for (const name of settingsFilesOf(lockfile.manager)) {
    const file = join(lockfile.folder, name)
    const text = await readText(source, file)
    if (text === null) continue
    const filled = withVariables(file, text, variables)
    settings.push({ path: file, content: usableSettings(file, filled.text) })
    missing.push(
      ...filled.missing.map(
        one =>
          `${file}:${one.line} needs ${one.name}, which is no variable of this environment for builds, so the line is left out`,
      ),
    )
  }
  return { settings, missing }
}
