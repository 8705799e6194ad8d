// The files that a project's tsconfig.json extends, and those of the projects it refers to, wherever in the repository they are.
import { realpath } from 'node:fs/promises'
import path from 'node:path'
import { foldersUp, isFile, join } from '../project-files.ts'
import { extendedFiles, readConfiguration, referencedFiles } from '../tsconfig-files.ts'

const maxFiles = 100

/** Of the configurations in these folders and above them; paths are relative to `source`. */
export async function extendedConfigurations(source: string, folders: string[]): Promise<string[]> {
  const above = new Set(folders.flatMap(foldersUp))
  const waiting = [...above].flatMap(folder => [join(folder, 'tsconfig.json'), join(folder, 'jsconfig.json')])
  const found = new Set<string>()
  for (let file = waiting.pop(); file !== undefined && found.size < maxFiles; file = waiting.pop()) {
    for (const files of await followed(source, file)) {
      const next = await firstOf(source, files)
      if (next === null || found.has(next)) continue
      found.add(next)
      waiting.push(next)
    }
  }
  return [...found]
}

/** For each that it extends or refers to: where it may lie. */
async function followed(source: string, file: string): Promise<string[][]> {
  const configuration = await readConfiguration(source, file)
  if (configuration === null) return []
  return [
    ...configuration.extends.map(name => extendedFiles(file, name)),
    ...configuration.references.map(name => referencedFiles(file, name)),
  ]
}

/** Null: it is no file of the repository. A package of the repository is a link in node_modules. */
async function firstOf(source: string, files: string[]): Promise<string | null> {
  for (const file of files) {
    if (!(await isFile(source, file))) continue
    const real = path.relative(source, await realpath(path.join(source, file)))
    return real.split('/').includes('node_modules') ? null : real
  }
  return null
}
