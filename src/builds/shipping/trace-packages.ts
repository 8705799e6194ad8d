// The child process that traces packages: which files of theirs are needed when they are loaded from what is bundled, and
// which of the given files read others beside them. It only reads; apart from the builder because it computes for seconds.
import { readFile, realpath, stat } from 'node:fs/promises'
import path from 'node:path'
import { nodeFileTrace } from '@vercel/nft'
import { z } from 'zod'
import { packageFolder, packageName, Root, type Trace } from './packages.ts'

const Task = z.object({
  /** The folder the dependencies are in. */
  base: z.string(),
  roots: z.array(Root),
  files: z.array(z.string()),
})
type Task = z.infer<typeof Task>

const cache = {}
const conditions = ['node', 'node-addons', 'module-sync']

async function trace(base: string, root: Root, index: number): Promise<Trace> {
  const { mode, folder, subpath } = root
  const asking = JSON.stringify(packageName(folder) + subpath)
  const outside = path.join(base, folder.slice(0, folder.lastIndexOf('node_modules/')))
  // No file is there; the number is for the cache, which knows files by name.
  const entry = path.join(outside, `traced-entry-${index}.${mode === 'import' ? 'mjs' : 'cjs'}`)
  const text = mode === 'import' ? `import ${asking}` : `require(${asking})`
  const { fileList, reasons } = await nodeFileTrace([entry], {
    base,
    processCwd: base,
    conditions,
    cache,
    readFile: async file => (file === entry ? text : readIfThere(file)),
  })
  const files: Trace['files'] = []
  for (const name of fileList) {
    const file = path.join(base, name)
    const found = file === entry ? null : await stat(file).catch(() => null)
    if (!found?.isFile() || name.startsWith('..') || (await realpath(file)) !== file) continue
    const executable = (found.mode & 0o111) !== 0
    files.push({ path: name, bytes: found.size, ...(executable && { executable }) })
  }
  files.sort((a, b) => (a.path < b.path ? -1 : 1))
  const folders = [...new Set(files.map(file => packageFolder(file.path) ?? ''))].filter(one => one !== '')
  const asked = new Map(folders.map(one => [one, new Set<string>()]))
  for (const [name, { parents }] of reasons)
    for (const parent of parents) {
      const own = packageFolder(name)
      if (own !== null) asked.get(packageFolder(parent) ?? '')?.add(packageName(own))
    }
  const packages = await Promise.all(
    folders.map(
      async one => [one, await answering(base, one, asked.get(one) ?? new Set(), new Set(folders))] as const,
    ),
  )
  return { files, packages: Object.fromEntries(packages) }
}

const names = z.record(z.string(), z.unknown()).default({})
const PackageFile = z.object({ dependencies: names, optionalDependencies: names, peerDependencies: names })

async function answering(
  base: string,
  folder: string,
  asked: Set<string>,
  traced: Set<string>,
): Promise<Record<string, string>> {
  const description = PackageFile.safeParse(
    JSON.parse((await readIfThere(path.join(base, folder, 'package.json')))?.toString() ?? '{}'),
  ).data
  const all = new Set([
    ...asked,
    ...Object.values(description ?? {}).flatMap(section => Object.keys(section)),
  ])
  all.delete(packageName(folder))
  const found: Record<string, string> = {}
  for (const name of [...all].sort()) {
    const answer = await lookUp(base, folder, name)
    if (answer !== null && traced.has(answer)) found[name] = answer
  }
  return found
}

/** As Node looks for packages, from a package's own folder upwards. */
async function lookUp(base: string, folder: string, name: string): Promise<string | null> {
  for (let at = folder; ; at = path.dirname(at)) {
    const place = path.join(base, at, 'node_modules', name)
    const found = path.basename(at) === 'node_modules' ? null : await realpath(place).catch(() => null)
    if (found !== null) return path.relative(base, found)
    if (at === '.') return null
  }
}

/** Those of the files that name others beside them which are there: what they import is not followed, so it is no import. */
async function readers(base: string, files: string[]): Promise<string[]> {
  if (files.length === 0) return []
  const { reasons } = await nodeFileTrace(
    files.map(file => path.join(base, file)),
    { base, processCwd: base, conditions, cache: {}, resolve: async () => [] },
  )
  const found = new Set(
    [...reasons].flatMap(([name, { type, parents }]) =>
      type.some(one => one === 'asset' || one === 'dependency')
        ? [...parents].filter(parent => parent !== name)
        : [],
    ),
  )
  return files.filter(file => found.has(file))
}

async function readIfThere(file: string): Promise<Buffer | null> {
  return readFile(file).catch(() => null)
}

async function work({ base, roots, files }: Task) {
  const traces: Trace[] = []
  for (const [index, root] of roots.entries()) traces.push(await trace(base, root, index))
  return { traces, readers: await readers(base, files) }
}

const [task = ''] = process.argv.slice(2)
process.send?.(await work(Task.parse(JSON.parse(await readFile(task, 'utf8')))))
