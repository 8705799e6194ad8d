// Which lockfile a project of the working copy goes by: the nearest one, and which Yarn wrote it.
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { lockfiles } from '../../src/builds/installing/package-manager.ts'
import { foldersUp } from '../../src/builds/project-files.ts'

export async function findLockfile(source: string, root: string): Promise<string> {
  for (const folder of foldersUp(root)) {
    const names = await readdir(path.join(source, folder))
    const name = names.find(one => Object.hasOwn(lockfiles, one))
    if (name === 'yarn.lock') return `${name} ${await kindOfYarn(path.join(source, folder, name))}`
    if (name) return name
  }
  return 'none'
}

async function kindOfYarn(file: string): Promise<string> {
  return (await readFile(file, 'utf8')).includes('__metadata:') ? '(berry)' : '(classic)'
}
