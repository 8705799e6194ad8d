// Packages by the folder they lie in, relative to the folder all dependencies are in. A root is a way into a package from what
// is bundled: by import or by require, by its name or by a path in it. Pure.
import { z } from 'zod'

export const Root = z.object({
  mode: z.enum(['import', 'require']),
  /** The package's folder. */
  folder: z.string(),
  /** "", or what follows the package's name, with its slash. */
  subpath: z.string(),
})
export type Root = z.infer<typeof Root>

export const Trace = z.object({
  files: z.array(z.object({ path: z.string(), bytes: z.number(), executable: z.literal(true).optional() })),
  /** The packages those files are of, by folder: which names they ask for, and the folders of who answers to them. */
  packages: z.record(z.string(), z.record(z.string(), z.string())),
})
export type Trace = z.infer<typeof Trace>

export function keyOf({ mode, folder, subpath }: Root): string {
  return `${mode} ${folder} ${subpath}`
}

const modules = 'node_modules/'

/** Of a file's path; null: it is in no package. */
export function packageFolder(file: string): string | null {
  const at = file.lastIndexOf(modules)
  if (at === -1 || (at > 0 && file[at - 1] !== '/')) return null
  const start = at + modules.length
  const [first = '', second = ''] = file.slice(start).split('/')
  return file.slice(0, start) + (first.startsWith('@') ? `${first}/${second}` : first)
}

export function packageName(folder: string): string {
  return folder.slice(folder.lastIndexOf(modules) + modules.length)
}

/** "@scope/name/sub/path" as its name and "/sub/path". */
export function splitSpecifier(specifier: string): { name: string; subpath: string } {
  const parts = specifier.split('/')
  const name = parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/')
  return { name, subpath: specifier.slice(name.length) }
}

/** What each package is called where it is shipped. Of several with one name, all but the first have a number behind it. */
export function shippedNames(folders: Iterable<string>): Map<string, string> {
  const names = new Map<string, string>()
  const byName = Map.groupBy([...folders], packageName)
  for (const [name, same] of byName)
    for (const [index, folder] of same.sort(shortFirst).entries())
      names.set(folder, index === 0 ? name : `${name}--${index}`)
  return names
}

function shortFirst(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : 1)
}
