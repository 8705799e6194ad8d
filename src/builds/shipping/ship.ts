// What lies beside the bundles: what packages need, laid out so that everyone finds what they ask for, and what the repository's
// own code reads: for each function the files that its own bundle reaches.
import { stat } from 'node:fs/promises'
import path from 'node:path'
import type { Bundle, BundledFile } from '../bundling/outputs.ts'
import { ownFolder } from '../bundling/own-place.ts'
import { type Failed, failed } from '../failure.ts'
import { type Edges, edgesOf, type Layout, layOut, reach } from './layout.ts'
import type { Notes } from './notes.ts'
import { keyOf, packageFolder, packageName, splitSpecifier, type Trace } from './packages.ts'
import type { Asked } from './ship-plugin.ts'

const maxBytes = 250_000_000

export interface From {
  source: string
  /** Where the packages lie; null: there are none. */
  base: string | null
  /** The files of the repository that a bundle needs, relative to it. */
  own(bundle: Bundle): Promise<string[]>
}

export async function ship(
  bundles: Bundle[],
  asked: Asked[],
  notes: Notes,
  from: From,
): Promise<{ bundles: Bundle[] } | Failed> {
  const traces = new Map(asked.map(one => [one, notes.traces[keyOf(one)] ?? { files: [], packages: {} }]))
  const { layout, edges } = placesOf(traces)
  const complete: Bundle[] = []
  for (const bundle of bundles) {
    const roots = rootsOf(bundle, asked).map(one => [one, traces.get(one)] as const)
    const files = [
      ...filesOf(roots, layout, edges, from.base ?? ''),
      ...(await ownFilesOf(await from.own(bundle), from.source)),
    ]
    const bytes = files.reduce((sum, one) => sum + one.bytes, 0)
    if (bytes > maxBytes) return tooLarge(bundle, files, bytes)
    const shipped = files.map(({ bytes: _, ...file }): BundledFile => file)
    complete.push({ ...bundle, files: [...bundle.files, ...shipped] })
  }
  return { bundles: complete }
}

async function ownFilesOf(names: string[], source: string): Promise<Shipped[]> {
  return Promise.all(
    names.map(async name => {
      const from = path.join(source, name)
      const { size, mode } = await stat(from)
      return {
        path: `${ownFolder}/${name}`,
        from,
        bytes: size,
        ...((mode & 0o111) !== 0 && { executable: true as const }),
      }
    }),
  )
}

/** Packages of a trace whose asker is not known stand at the top, where everyone finds them. */
function placesOf(traces: ReadonlyMap<Asked, Trace>): { layout: Layout; edges: Edges } {
  const packages = [...traces.values()].flatMap(trace => Object.entries(trace.packages))
  const edges = edgesOf(packages)
  const tops = new Map(
    [...traces.keys()].map(({ specifier, folder }) => [splitSpecifier(specifier).name, folder]),
  )
  const known = new Set([...tops.values(), ...[...edges.values()].flatMap(one => [...one.values()])])
  for (const folder of [...edges.keys()].sort())
    if (!known.has(folder) && !tops.has(packageName(folder))) tops.set(packageName(folder), folder)
  return { layout: layOut(tops, edges), edges }
}

function rootsOf({ externals }: Bundle, asked: Asked[]): Asked[] {
  const asks = new Set(
    externals.map(({ kind, path: name }) => `${kind.startsWith('require') ? 'require' : 'import'} ${name}`),
  )
  return asked.filter(({ mode, specifier }) => asks.has(`${mode} ${specifier}`))
}

type Shipped = BundledFile & { bytes: number }

function filesOf(
  roots: (readonly [Asked, Trace | undefined])[],
  layout: Layout,
  edges: Edges,
  base: string,
): Shipped[] {
  const byFolder = new Map<string, Map<string, Trace['files'][number]>>()
  for (const [, trace] of roots)
    for (const file of trace?.files ?? []) {
      const folder = packageFolder(file.path) ?? ''
      byFolder.set(folder, (byFolder.get(folder) ?? new Map()).set(file.path, file))
    }
  const names = roots.map(([{ specifier }]) => splitSpecifier(specifier).name)
  const others = [...layout].flatMap(([place, folder]) =>
    place === `node_modules/${packageName(folder)}` && byFolder.has(folder) ? [packageName(folder)] : [],
  )
  return [...reach(layout, edges, [...names, ...others])].flatMap(([place, folder]) =>
    [...(byFolder.get(folder)?.values() ?? [])].map(({ path: name, bytes, executable }) => ({
      path: place + name.slice(folder.length),
      from: path.join(base, name),
      bytes,
      ...(executable && { executable }),
    })),
  )
}

function tooLarge(bundle: Bundle, files: Shipped[], bytes: number): Failed {
  const sizes = new Map<string, number>()
  for (const { from, bytes: size } of files) {
    const name = packageName(packageFolder(from) ?? path.basename(from))
    sizes.set(name, (sizes.get(name) ?? 0) + size)
  }
  const largest = [...sizes].sort(([, a], [, b]) => b - a).slice(0, 3)
  return failed(
    'shipped_files_too_large',
    `${bundle.file} needs ${inMb(bytes)} of files of its packages, more than the ${inMb(maxBytes)} a function may have: ${largest.map(([name, size]) => `${name} ${inMb(size)}`).join(', ')}. Import what it needs of them, or a smaller package.`,
  )
}

function inMb(bytes: number): string {
  return `${Math.ceil(bytes / 1_000_000)} MB`
}
