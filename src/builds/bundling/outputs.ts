// What the bundler made, as files in one folder: every function's entry and whatever it imports of the others, each with its
// source map beside it. Nothing in them tells where they were made.
import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Metafile, OutputFile } from 'esbuild'
import { type Places, relocateCode, relocateMap } from '../relocate.ts'
import { type Bundled, moduleExtension } from './bundler.ts'

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
}

export const sourceMapOf = (output: string) => `${output}.map`

/** The same wherever the file stands among the others, so that a new one beside it changes nothing. */
export function entryOf(file: string): string {
  return `bundle-${createHash('sha256').update(file).digest('hex').slice(0, 12)}`
}

export async function writeBundles(
  files: string[],
  { outputFiles, metafile }: Bundled,
  places: Places,
  folder: string,
): Promise<Bundle[]> {
  await mkdir(folder, { recursive: true })
  const byName = new Map(outputFiles.map(output => [path.basename(output.path), output]))
  for (const name of byName.keys())
    if (name.endsWith(moduleExtension)) await write(name, byName, places, folder)
  const placed = (name: string): BundledFile => ({ path: name, from: path.join(folder, name) })
  return files.map(file => {
    const entry = `${entryOf(file)}${moduleExtension}`
    const reached = reachedFrom(entry, metafile)
    return { file, entry, files: reached.map(placed), sourceMaps: reached.map(sourceMapOf).map(placed) }
  })
}

async function write(
  name: string,
  outputs: ReadonlyMap<string, OutputFile>,
  places: Places,
  folder: string,
): Promise<void> {
  const code = outputs.get(name)
  const map = outputs.get(sourceMapOf(name))
  if (!code || !map) throw new Error(`the bundler left out ${name} or its source map`)
  const link = `//# sourceMappingURL=${sourceMapOf(name)}\n`
  await writeFile(path.join(folder, name), relocateCode(code.text, places) + link)
  await writeFile(path.join(folder, sourceMapOf(name)), relocateMap(map.text, places, path.posix.join))
}

/** The names of an output and of all it imports, at once or later. */
function reachedFrom(entry: string, { outputs }: Metafile): string[] {
  const imports = new Map(
    Object.entries(outputs).map(([output, made]) => [
      path.basename(output),
      made.imports.filter(one => !one.external).map(one => path.basename(one.path)),
    ]),
  )
  const reached = new Set([entry])
  for (const name of reached) for (const imported of imports.get(name) ?? []) reached.add(imported)
  return [...reached].sort()
}
