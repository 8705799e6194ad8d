// What was bundled of the packages of an install, as a list that lies beside the files. Pure.
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { moduleExtension } from '../bundling/bundler.ts'

/** The names asked for of a package's file; null: all it has. */
export type Names = string[] | null

const Package = z.object({
  /** The file that stands for it. */
  entry: z.string(),
  /** What is asked for of an ES module; null: it is CommonJS, an object. */
  names: z.array(z.string()).nullable(),
  /** Of its code and of all that it imports, however it was cut into files. */
  digest: z.string(),
})
export type Package = z.infer<typeof Package>

const External = z.object({ path: z.string(), kind: z.string() })

export const Prebundled = z.object({
  /** By the package's file, relative to the install. */
  packages: z.record(z.string(), Package),
  /** What was bundled, by its name: the others it imports, and what it asks for when it runs. */
  files: z.record(z.string(), z.object({ imports: z.array(z.string()), externals: z.array(External) })),
  /** The shipped packages it asks for, each with the package that does. */
  asked: z.array(
    z.object({
      by: z.string(),
      mode: z.enum(['import', 'require']),
      folder: z.string(),
      subpath: z.string(),
      specifier: z.string(),
    }),
  ),
})
export type Prebundled = z.infer<typeof Prebundled>

export function packageEntry(file: string): string {
  return `package-${createHash('sha256').update(file).digest('hex').slice(0, 12)}`
}

// The bundler takes a module for what its extension says, also one that we make up.
const suffix = '.package'

/** The path, in a namespace of ours, of a module that stands for a package's file. */
export function moduleOf(file: string): string {
  return file + suffix
}

export function fileOfModule(path: string): string {
  return path.slice(0, -suffix.length)
}

/** As the own code imports it: the files lie beside one another. */
export function importOf({ entry }: Package): string {
  return `./${entry}`
}

export function isPackageFile(name: string): boolean {
  return name.startsWith('package-') && name.endsWith(moduleExtension)
}
