// The files an install depends on, read from the repository: the lockfile, npm's settings beside it, and what the lockfile
// names inside the repository. The project's other files neither get to npm nor change the key of the cache.
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { type Failed, failed } from './failure.ts'
import { installPartOf, localPartsOf } from './install-plan.ts'
import { isFile, join, readText } from './project-files.ts'

export interface Inputs {
  /** What the key is made of. */
  files: { path: string; content: string }[]
  /** What npm needs to find. */
  copied: string[]
  packages: string[]
}

export async function readInputs(
  source: string,
  lockfile: { folder: string; name: string },
): Promise<Inputs | Failed> {
  const lockPath = join(lockfile.folder, lockfile.name)
  const lockText = (await readText(source, lockPath)) ?? ''
  const local = localPartsOf(lockText, lockfile.folder)
  if ('problem' in local)
    return failed(
      'lockfile_invalid',
      `${lockPath} cannot be used: ${local.problem}. Run "npm install" and commit it.`,
    )
  const settings = join(lockfile.folder, '.npmrc')
  const files = [{ path: lockPath, content: lockText }]
  const copied = [lockPath]
  if (await isFile(source, settings)) {
    files.push({ path: settings, content: (await readText(source, settings)) ?? '' })
    copied.push(settings)
  }
  for (const folder of [lockfile.folder, ...local.packages]) {
    const file = join(folder, 'package.json')
    const text = await readText(source, file)
    if (text === null) continue
    files.push({ path: file, content: installPartOf(text) })
    copied.push(file)
  }
  for (const tarball of local.tarballs) {
    if (!(await isFile(source, tarball)))
      return failed('lockfile_invalid', `${lockPath} needs "${tarball}", which is not in the repository.`)
    files.push({ path: tarball, content: await readFile(path.join(source, tarball), 'base64') })
    copied.push(tarball)
  }
  return { files, copied, packages: local.packages }
}
