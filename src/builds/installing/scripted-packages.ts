// Which of the installed packages have install scripts, in the order they are to be run in. Read from the packages
// themselves, the same for every package manager: what a lockfile says of them is not.
import { lstat, readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'

export interface ScriptedPackage {
  name: string
  version: string
  /** Relative to the tree. */
  folder: string
  scripts: { event: string; command: string }[]
  /** Its failure is none of the install, as package managers see it. */
  optional: boolean
}

const strings = z.record(z.string(), z.string()).catch({})
const Description = z.object({
  name: z.string().catch(''),
  version: z.string().catch(''),
  scripts: strings,
  dependencies: strings,
  optionalDependencies: strings,
  gypfile: z.boolean().optional().catch(undefined),
})
type Description = z.infer<typeof Description>

interface Installed {
  folder: string
  description: Description
  addon: boolean
}

/** `names`: of all installed packages; `folders`: those named node_modules, relative to the tree. */
export async function findScripted(
  tree: string,
  folders: string[],
): Promise<{ packages: ScriptedPackage[]; names: ReadonlySet<string> }> {
  const installed: Installed[] = []
  for (const folder of folders) await collect(tree, folder, installed)
  const optional = new Set(
    installed.flatMap(({ description }) => Object.keys(description.optionalDependencies)),
  )
  for (const folder of new Set(folders.map(folder => path.dirname(folder)))) {
    const own = await describe(path.join(tree, folder))
    for (const name of Object.keys(own?.optionalDependencies ?? {})) optional.add(name)
  }
  const scripted = inOrder(installed.filter(one => scriptsOf(one).length > 0))
  return {
    names: new Set(installed.map(({ description }) => description.name)),
    packages: scripted.map(one => ({
      name: one.description.name,
      version: one.description.version,
      folder: one.folder,
      scripts: scriptsOf(one),
      optional: optional.has(one.description.name),
    })),
  }
}

/** Links lead into the repository: its own packages are not dependencies. */
async function collect(tree: string, folder: string, into: Installed[]): Promise<void> {
  const entries = await readdir(path.join(tree, folder), { withFileTypes: true }).catch(() => [])
  for (const entry of entries) {
    if (!entry.isDirectory() || entry.name.startsWith('.')) continue
    const inner = path.join(folder, entry.name)
    if (entry.name.startsWith('@')) await collect(tree, inner, into)
    else {
      const description = await describe(path.join(tree, inner))
      if (description !== null)
        into.push({ folder: inner, description, addon: await exists(path.join(tree, inner, 'binding.gyp')) })
      await collect(tree, path.join(inner, 'node_modules'), into)
    }
  }
}

async function describe(folder: string): Promise<Description | null> {
  try {
    return Description.parse(JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8')))
  } catch {
    return null // no package
  }
}

function exists(file: string): Promise<boolean> {
  return lstat(file).then(
    () => true,
    () => false,
  )
}

/** As npm: a native add-on without scripts of its own is compiled. */
function scriptsOf({ description, addon }: Installed): ScriptedPackage['scripts'] {
  const { scripts, gypfile } = description
  const compiled = addon && gypfile !== false && !scripts.install && !scripts.preinstall
  return ['preinstall', 'install', 'postinstall'].flatMap(event => {
    const command = scripts[event] ?? (compiled && event === 'install' ? 'node-gyp rebuild' : undefined)
    return command === undefined ? [] : [{ event, command }]
  })
}

/** What another one depends on comes before it. */
function inOrder(packages: Installed[]): Installed[] {
  const byName = Map.groupBy(packages, one => one.description.name)
  const sorted = new Set<Installed>()
  const visiting = new Set<Installed>()
  function visit(one: Installed): void {
    if (visiting.has(one)) return
    visiting.add(one)
    for (const name of Object.keys(one.description.dependencies)) byName.get(name)?.forEach(visit)
    sorted.add(one)
  }
  packages.toSorted((a, b) => (a.folder < b.folder ? -1 : 1)).forEach(visit)
  return [...sorted]
}
