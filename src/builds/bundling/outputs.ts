// What the bundler made, as files in one folder: every function's entry and whatever it imports of the others, each with its
// source map beside it. Nothing in them tells where they were made, and nothing in a name what is in the file: a change of one
// file leaves those that import it as they are.
import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Metafile, OutputFile } from 'esbuild'
import { type Bundled, moduleExtension } from './bundler.ts'
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

export type External = Pick<Metafile['outputs'][string]['imports'][number], 'path' | 'kind'>

/** A bundle with the digest of what was bundled. */
export type IdentifiedBundle = Bundle & { code: string }

export const sourceMapOf = (output: string) => `${output}.map`

/** The same wherever the file stands among the others, so that a new one beside it changes nothing. */
export function entryOf(file: string): string {
  return `bundle-${createHash('sha256').update(file).digest('hex').slice(0, 12)}`
}

/** Whether the bundler made it, rather than somebody who laid it beside. */
export function isOfBundler(file: string): boolean {
  return /^(?:bundle|chunk)-\w+\.mjs$/.test(file)
}

export async function writeBundles(
  files: string[],
  { outputFiles, metafile }: Bundled,
  places: Places,
  folder: string,
): Promise<Bundle[]> {
  await mkdir(folder, { recursive: true })
  const made = new Map(outputFiles.map(output => [path.basename(output.path), output]))
  const names = namesOf(metafile, places)
  await Promise.all([...names].map(([name, own]) => write(name, own, made, names, places, folder)))
  const imports = importsOf(metafile, names)
  const outputs = outputsByName(metafile, names)
  const placed = (name: string): BundledFile => ({ path: name, from: path.join(folder, name) })
  return files.map(file => {
    const entry = `${entryOf(file)}${moduleExtension}`
    const reached = reachedFrom(entry, imports)
    return {
      file,
      entry,
      files: reached.map(placed),
      sourceMaps: reached.map(sourceMapOf).map(placed),
      externals: reached.flatMap(name => outputs.get(name)?.imports.filter(one => one.external) ?? []),
      modules: reached.flatMap(name => Object.keys(outputs.get(name)?.inputs ?? {})),
    }
  })
}

/**
 * Our names by the bundler's. It names a chunk by its content, and by where dependencies lie; here it is by the modules in it:
 * no module is in two.
 */
function namesOf({ outputs }: Metafile, places: Places): Map<string, string> {
  const taken = new Set<string>()
  const modules = Object.entries(outputs).filter(([output]) => output.endsWith(moduleExtension))
  return new Map(
    modules.map(([output, { inputs, entryPoint = '' }]) => {
      const name = path.basename(output)
      if (!isChunk.test(name)) return [name, name]
      const content = [entryPoint, ...Object.keys(inputs)].map(one => relocateCode(one, places)).sort()
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
  made: ReadonlyMap<string, OutputFile>,
  names: ReadonlyMap<string, string>,
  places: Places,
  folder: string,
): Promise<void> {
  const code = made.get(name)
  const map = made.get(sourceMapOf(name))
  if (!code || !map) throw new Error(`the bundler left out ${name} or its source map`)
  const text = relocateCode(code.text, places).replace(chunkInText, chunk => names.get(chunk) ?? chunk)
  const link = `//# sourceMappingURL=${sourceMapOf(own)}\n`
  await writeFile(path.join(folder, own), text + link)
  await writeFile(path.join(folder, sourceMapOf(own)), relocateMap(map.text, places, path.posix.join))
}

type Imports = ReadonlyMap<string, string[]>

function importsOf({ outputs }: Metafile, names: ReadonlyMap<string, string>): Imports {
  const ours = (output: string) => names.get(path.basename(output))
  return new Map(
    Object.entries(outputs).flatMap(([output, { imports }]) => {
      const own = ours(output)
      const imported = imports.flatMap(one => (one.external ? [] : (ours(one.path) ?? [])))
      return own === undefined ? [] : [[own, imported] as const]
    }),
  )
}

function outputsByName(
  { outputs }: Metafile,
  names: ReadonlyMap<string, string>,
): ReadonlyMap<string, Metafile['outputs'][string]> {
  return new Map(
    Object.entries(outputs).map(([output, made]) => [names.get(path.basename(output)) ?? '', made]),
  )
}

/** The names of an output and of all it imports, at once or later. */
function reachedFrom(entry: string, imports: Imports): string[] {
  const reached = new Set([entry])
  for (const name of reached) for (const imported of imports.get(name) ?? []) reached.add(imported)
  return [...reached].sort()
}
