// What the bundler made, as files in one folder: every function's entry and whatever it imports of the others, each with its
// source map beside it. Nothing in them tells where they were made, and nothing in a name what is in the file: a change of one
// file leaves those that import it as they are.
import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Metafile, OutputFile } from 'esbuild'
import { someAtOnce } from '../some-at-once.ts'
import { moduleExtension } from './bundler.ts'
import { type Places, relocateCode, relocateMap } from './relocate.ts'

/** A file of a version: its path beside the others, and where it lies during the build. */
export interface BundledFile {
  path: string
  from: string
  executable?: true
}

/** What one function's version runs. */
export interface Bundle {
  /** The function's file, relative to the repository. */
  file: string
  /** The path, in `files`, of what is loaded. Below the folder all bundles of the build share. */
  entry: string
  files: BundledFile[]
  sourceMaps: BundledFile[]
  /** What it asks for when it runs. */
  externals: External[]
  /** What is in its files, as the bundler names it. */
  modules: string[]
}

export interface External {
  path: string
  /** The bundler's name for how. */
  kind: string
}

/** A bundle with the digest of what was bundled. */
export type IdentifiedBundle = Bundle & { codeDigest: string }

// Each is held as text while it is written.
const filesAtOnce = 4

export const sourceMapOf = (output: string) => `${output}.map`

/** The same wherever the file stands among the others, so that a new one beside it changes nothing. */
export function entryOf(file: string): string {
  return `bundle-${createHash('sha256').update(file).digest('hex').slice(0, 12)}`
}

/** Whether the bundler made it, rather than somebody who laid it beside. */
export function isOfBundler(file: string): boolean {
  return /^(?:bundle|chunk|package)-\w+\.mjs$/.test(file)
}

/** A file that was written, by its name: which of the others it imports, what it asks for, what is in it. */
export interface Written {
  imports: string[]
  externals: External[]
  modules: string[]
}

/** `read` gives what was made, by its name; `family` tells files apart that were made elsewhere and will lie beside these. */
export async function writeOutputs(
  metafile: Metafile,
  read: (name: string) => Promise<string>,
  { places, folder, family }: { places: Places; folder: string; family: string },
): Promise<Map<string, Written>> {
  await mkdir(folder, { recursive: true })
  const names = namesOf(metafile, places, family)
  await someAtOnce([...names], filesAtOnce, ([name, own]) => write(name, own, read, names, places, folder))
  return new Map(
    Object.entries(metafile.outputs).flatMap(([output, { imports, inputs }]) => {
      const own = names.get(path.basename(output))
      if (own === undefined) return []
      const imported = imports.flatMap(one =>
        one.external ? [] : (names.get(path.basename(one.path)) ?? []),
      )
      const externals = imports.filter(one => one.external).map(one => ({ path: one.path, kind: one.kind }))
      return [[own, { imports: imported, externals, modules: Object.keys(inputs) }] as const]
    }),
  )
}

/** What of `written`, which lies in `folder`, each function's version runs. */
export function bundlesOf(files: string[], written: ReadonlyMap<string, Written>, folder: string): Bundle[] {
  const placed = (name: string): BundledFile => ({ path: name, from: path.join(folder, name) })
  return files.map(file => {
    const entry = `${entryOf(file)}${moduleExtension}`
    const reached = reachedFrom(entry, written)
    return {
      file,
      entry,
      files: reached.map(placed),
      sourceMaps: reached.map(sourceMapOf).map(placed),
      externals: reached.flatMap(name => written.get(name)?.externals ?? []),
      modules: reached.flatMap(name => written.get(name)?.modules ?? []),
    }
  })
}

/**
 * Our names by the bundler's. It names a chunk by its content, and by where dependencies lie; here it is by the modules in it:
 * no module is in two.
 */
function namesOf({ outputs }: Metafile, places: Places, family: string): Map<string, string> {
  const taken = new Set<string>()
  const modules = Object.entries(outputs).filter(([output]) => output.endsWith(moduleExtension))
  return new Map(
    modules.map(([output, { inputs, entryPoint = '' }]) => {
      const name = path.basename(output)
      if (!isChunk.test(name)) return [name, name]
      const modules = [entryPoint, ...Object.keys(inputs)].map(one => relocateCode(one, places)).sort()
      const content = [family, ...modules]
      let own = chunkName(content)
      while (taken.has(own)) own = chunkName([...content, own])
      taken.add(own)
      return [name, own]
    }),
  )
}

const isChunk = /^chunk-\w{8}\.mjs$/
const chunkInText = /\bchunk-\w{8}\.mjs\b/g

/** As long as the bundler's, so that columns stay where the source map has them. */
function chunkName(content: string[]): string {
  const digest = createHash('sha256').update(JSON.stringify(content)).digest('hex')
  return `chunk-${BigInt(`0x${digest.slice(0, 10)}`)
    .toString(32)
    .padStart(8, '0')}${moduleExtension}`
}

async function write(
  name: string,
  own: string,
  read: (name: string) => Promise<string>,
  names: ReadonlyMap<string, string>,
  places: Places,
  folder: string,
): Promise<void> {
  const code = await read(name)
  const text = relocateCode(code, places).replace(chunkInText, chunk => names.get(chunk) ?? chunk)
  const link = `//# sourceMappingURL=${sourceMapOf(own)}\n`
  await writeFile(path.join(folder, own), text + link)
  const map = await read(sourceMapOf(name))
  await writeFile(path.join(folder, sourceMapOf(own)), relocateMap(map, places, path.posix.join))
}

/** The names of a file and of all it imports, at once or later. */
function reachedFrom(entry: string, written: ReadonlyMap<string, Written>): string[] {
  const reached = new Set([entry])
  for (const name of reached) {
    const { imports = [], externals = [] } = written.get(name) ?? {}
    const beside = externals.map(one => path.basename(one.path)).filter(one => written.has(one))
    for (const imported of [...imports, ...beside]) reached.add(imported)
  }
  return [...reached].sort()
}

/** Of what the bundler handed over, by the names of its files. */
export function readFrom(outputFiles: OutputFile[]): (name: string) => Promise<string> {
  const made = new Map(outputFiles.map(output => [path.basename(output.path), output]))
  return async name => {
    const output = made.get(name)
    if (!output) throw new Error(`the bundler left out ${name}`)
    return output.text
  }
}
