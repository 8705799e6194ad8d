// Native packages that came without their binary: they would be built, and fail when they are used. Told at build time, with
// what helps; where whoever asks for one can do without it, only in the log.
import { readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { type Failed, failed } from '../failure.ts'
import { edgesOf } from './layout.ts'
import type { Notes } from './notes.ts'
import { keyOf, packageFolder, packageName, type Trace } from './packages.ts'
import type { Asked } from './ship-plugin.ts'

const names = z.record(z.string(), z.unknown()).default({})
const PackageFile = z.object({
  gypfile: z.boolean().optional(),
  scripts: names,
  optionalDependencies: names,
  peerDependenciesMeta: names,
})
type PackageFile = z.infer<typeof PackageFile>

const binary = /\.(?:node|wasm)$/

/** `askers`: by package, the packages whose files ask for it; "" is the repository. */
export async function checkNative(
  asked: Asked[],
  askers: ReadonlyMap<string, ReadonlySet<string>>,
  notes: Notes,
  base: string,
  say: (text: string) => void,
): Promise<Failed | null> {
  const traces = asked.flatMap(one => notes.traces[keyOf(one)] ?? [])
  const packages = traces.flatMap(trace => Object.entries(trace.packages))
  const edges = edgesOf(packages)
  const inUse = new Set(packages.map(([folder]) => folder))
  for (const folder of notes.native.filter(one => inUse.has(one))) {
    const own = new Set([folder, ...(edges.get(folder)?.values() ?? [])])
    if (hasBinary(traces, own)) continue
    const problem = await describe(base, folder)
    const asking = new Set([...(askers.get(folder) ?? []), ...packagesThatAsk(edges, folder)])
    if (await allCanDoWithout(base, asking, packageName(folder))) say(`warning: ${problem}`)
    else return failed('native_binary_missing', problem)
  }
  return null
}

function hasBinary(traces: Trace[], folders: ReadonlySet<string>): boolean {
  return traces.some(({ files }) =>
    files.some(file => binary.test(file.path) && folders.has(packageFolder(file.path) ?? '')),
  )
}

async function describe(base: string, folder: string): Promise<string> {
  const name = packageName(folder)
  const { gypfile, scripts } = await read(base, folder)
  const isBuilt =
    gypfile === true ||
    ['preinstall', 'install', 'postinstall'].some(script => script in scripts) ||
    (await stat(path.join(base, folder, 'binding.gyp')).catch(() => null)) !== null
  const system = `${process.platform}-${process.arch}`
  return isBuilt
    ? `${name} has no binary: it is made by its install script, and those are not run unless the environment allows it. Set "install_scripts: [${name}]" under "build" in .github/sluice.yml.`
    : `${name} has no binary for ${system}: the lockfile was probably written on another system and has none. Run the install again without node_modules and lockfile, and commit the lockfile.`
}

function packagesThatAsk(edges: ReadonlyMap<string, ReadonlyMap<string, string>>, folder: string): string[] {
  return [...edges]
    .filter(([asker, names]) => asker !== folder && [...names.values()].includes(folder))
    .map(([asker]) => asker)
}

async function allCanDoWithout(base: string, askers: Set<string>, name: string): Promise<boolean> {
  for (const asker of askers) {
    if (asker === '') return false
    const { optionalDependencies, peerDependenciesMeta } = await read(base, asker)
    if (!(name in optionalDependencies) && !(name in peerDependenciesMeta)) return false
  }
  return askers.size > 0
}

async function read(base: string, folder: string): Promise<PackageFile> {
  const none = PackageFile.parse({})
  try {
    const text = await readFile(path.join(base, folder, 'package.json'), 'utf8')
    return PackageFile.safeParse(JSON.parse(text)).data ?? none
  } catch {
    return none
  }
}
