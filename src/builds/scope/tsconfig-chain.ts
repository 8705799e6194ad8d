// The files that a project's tsconfig.json extends, and those of the projects it refers to, wherever in the repository they are.
import { realpath } from 'node:fs/promises'
import path from 'node:path'
import { withoutComments } from '../bundling/plain-javascript.ts'
import { foldersUp, isFile, join, readText } from '../project-files.ts'

const maxFiles = 100

/** Of the configurations in these folders and above them; paths are relative to `source`. */
export async function extendedConfigurations(source: string, folders: string[]): Promise<string[]> {
  const above = new Set(folders.flatMap(foldersUp))
  const waiting = [...above].flatMap(folder => [join(folder, 'tsconfig.json'), join(folder, 'jsconfig.json')])
  const found = new Set<string>()
  for (let file = waiting.pop(); file !== undefined && found.size < maxFiles; file = waiting.pop()) {
    const text = await readText(source, file)
    if (text === null) continue
    for (const name of [...extendsOf(text), ...referencesOf(text)]) {
      const extended = await resolve(source, path.posix.dirname(file), name)
      if (extended === null || found.has(extended)) continue
      found.add(extended)
      waiting.push(extended)
    }
  }
  return [...found]
}

/** One name, or a list of them. */
export function extendsOf(text: string): string[] {
  const value = /"extends"\s*:\s*(\[[^\]]*\]|"[^"]*")/.exec(withoutComments(text))?.[1] ?? ''
  return [...value.matchAll(/"([^"]+)"/g)].map(([, name = '']) => name)
}

/** Folders, or files. */
export function referencesOf(text: string): string[] {
  const value = /"references"\s*:\s*\[([^\]]*)\]/.exec(withoutComments(text))?.[1] ?? ''
  return [...value.matchAll(/"path"\s*:\s*"([^"]+)"/g)].map(([, name = '']) => `./${name}`)
}

/** Null: it is no file of the repository. A package of the repository is a link in node_modules. */
async function resolve(source: string, folder: string, name: string): Promise<string | null> {
  const places = name.startsWith('.')
    ? [join(folder, name)]
    : foldersUp(folder).map(above => join(above, `node_modules/${name}`))
  for (const place of places)
    for (const file of [place, `${place}.json`, join(place, 'tsconfig.json')]) {
      if (!(await isFile(source, file))) continue
      const real = path.relative(source, await realpath(path.join(source, file)))
      return real.split('/').includes('node_modules') ? null : real
    }
  return null
}
