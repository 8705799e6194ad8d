// Bundles what is asked for of an install's packages: for each file that is imported one of ours, and chunks that they share.
// Where that is not possible it says why, and the bundler bundles everything together.
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Message, Metafile, Plugin } from 'esbuild'
import { moduleExtension, runBundler } from '../bundling/bundler.ts'
import { digestCode } from '../bundling/code.ts'
import { type Written, writeOutputs } from '../bundling/outputs.ts'
import type { Places } from '../bundling/relocate.ts'
import { exportsOf, modulesAmong } from './package-exports.ts'
import {
  fileOfModule,
  moduleOf,
  type Names,
  type Package,
  type Prebundled,
  packageEntry,
} from './prebundled.ts'
import { names } from './stand-ins.ts'

export interface Install {
  source: string
  /** Where the packages lie. */
  tree: string
  /** A folder of the build's for what the bundler writes. */
  scratch: string
  installs: Places['installs']
  aliases: Record<string, string>
}

export interface Made {
  packages: Prebundled['packages']
  written: Map<string, Written>
  metafile: Metafile
}

/** What the bundler says of the packages themselves. */
export interface Refused {
  errors: Message[]
}

/** They can only be bundled with the code that asks for them. */
export interface Together {
  why: string
}

/** Writes the files into `folder`. `plugins`: as for the functions' own code. */
export async function bundlePackages(
  asked: ReadonlyMap<string, Names>,
  { source, tree, scratch, installs, aliases }: Install,
  plugins: Plugin[],
  folder: string,
  signal: AbortSignal,
): Promise<Made | Refused | Together> {
  const modules = await modulesAmong([...asked.keys()], tree)
  if (modules === null) return { why: 'a file of theirs cannot be read' }
  const whole = [...asked].flatMap(([file, some]) => (some === null && modules.has(file) ? [file] : []))
  const request = { source, sharing: true, write: true, aliases }
  const all = await exportsOf(whole, tree, { ...request, output: path.join(scratch, 'all'), plugins }, signal)
  const packages = new Map(
    [...asked].map(([file, some]) => [
      file,
      { file: path.join(tree, file), names: modules.has(file) ? (some ?? all.get(file) ?? []) : null },
    ]),
  )
  const entryPoints = [...asked.keys()].map(file => ({
    in: `${entry}:${moduleOf(file)}`,
    out: packageEntry(file),
  }))
  const { errors, metafile } = await runBundler(
    { ...request, output: scratch, entryPoints, plugins: [packageEntries(packages, source), ...plugins] },
    signal,
  )
  if (errors.length > 0) return { errors }
  const foreign = Object.keys(metafile.inputs).find(input => !isOfInstall(input, { source, tree }))
  if (foreign !== undefined) return { why: `they import ${foreign}` }
  const places = { installs, bundle: path.relative(source, scratch) }
  const awaiting: string[] = []
  const read = async (name: string) => {
    const text = await readFile(path.join(scratch, name), 'utf8')
    awaiting.push(...(isAwaited.exec(text)?.slice(1) ?? []))
    return text
  }
  const written = await writeOutputs(metafile, read, { places, folder, family: 'packages' })
  if (awaiting.length > 0) return { why: `${fileOfModule(awaiting[0] ?? '')} awaits at its top level` }
  const inputs = [...asked.keys()].map(file => path.relative(source, path.join(tree, file)))
  const digests = await digestCode(inputs, metafile, { source, tree, places, compiled: new Set(), texts: {} })
  return { packages: described(packages, digests), written, metafile }
}

function described(packages: ReadonlyMap<string, Asked>, digests: string[]): Record<string, Package> {
  const all = [...packages].map(([file, { names: some }], index) => {
    const digest = digests[index] ?? ''
    return [file, { entry: packageEntry(file) + moduleExtension, names: some, digest }]
  })
  return Object.fromEntries(all)
}

interface Asked {
  file: string
  names: Package['names']
}

const entry = 'package entry'
const exported = 'package exports'

// How the bundler writes a module that awaits at its top level, or imports one that does: it cannot be run on demand.
const isAwaited = new RegExp(`\\basync "${exported}:([^"]+)"`)

/** What is exported is run by whoever asks, when they ask: a module that may be required waits until it is. */
function packageEntries(packages: ReadonlyMap<string, Asked>, source: string): Plugin {
  const contentsOf: Record<string, (file: string, asked: Asked) => string> = {
    [entry]: (name, { file, names: some }) =>
      `export default () => require(${JSON.stringify(some === null ? file : `${exported}:${moduleOf(name)}`)})\n`,
    [exported]: (_, asked) => names(asked.names ?? [], JSON.stringify(asked.file)),
  }
  return {
    name: 'package entries',
    setup(build) {
      for (const [namespace, contents] of Object.entries(contentsOf)) {
        build.onResolve({ filter: new RegExp(`^${namespace}:`) }, ({ path: name }) => ({
          path: name.slice(namespace.length + 1),
          namespace,
        }))
        build.onLoad({ filter: /.*/, namespace }, ({ path: name }) => {
          const file = fileOfModule(name)
          const asked = packages.get(file)
          return asked && { contents: contents(file, asked), resolveDir: source }
        })
      }
    },
  }
}

/** Nothing of the repository is in what is kept for other commits. */
function isOfInstall(input: string, { source, tree }: Pick<Install, 'source' | 'tree'>): boolean {
  if (/^(?:[a-z ]+|\(disabled\)):/.test(input)) return true
  return !path.relative(tree, path.join(source, input)).startsWith('..')
}
