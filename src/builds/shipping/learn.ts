// Looks at what was bundled for packages that cannot be: native ones, and those that use files beside themselves. What it
// finds goes into the notes; the next attempt leaves those packages out.
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Bundled } from '../bundling/bundler.ts'
import { missingIn } from '../bundling/missing.ts'
import { type Failed, failed } from '../failure.ts'
import type { Tools } from '../tools.ts'
import { asksIn } from './asks.ts'
import { readsBeside } from './beside.ts'
import { type Notes, shippedFolders } from './notes.ts'
import { keyOf, packageFolder, type Root, type Trace } from './packages.ts'
import { isModule } from './ship-plugin.ts'
import { tracePackages } from './trace.ts'

const maxExamined = 50

export interface Place {
  /** The folder the dependencies are in; null: there are none. */
  base: string | null
  /** Of a file as the bundler names it: its path in that folder. */
  pathOf(file: string): string
}

/** `again`: with these notes the bundles would be others. */
export async function learn(
  made: Bundled,
  asked: Root[],
  notes: Notes,
  { base, pathOf }: Place,
  tools: Tools,
): Promise<{ notes: Notes; again: boolean } | Failed> {
  const missing = missingIn(made.errors).filter(name => !notes.missing.includes(name))
  if (missing.length > 0) return { notes: { ...notes, missing: joined(notes.missing, missing) }, again: true }
  if (base === null || made.errors.length > 0) return { notes, again: false }
  const found = await examine(made, notes, base, pathOf)
  const roots = unknown(asked, notes)
  const traced = await tracePackages(base, { roots, files: found.perhaps }, tools)
  if (traced === null) return untraceable(roots)
  const readers = traced.readers.map(file => packageFolder(file) ?? '')
  const learned: Notes = {
    ...notes,
    beside: joined(notes.beside, [...found.native, ...found.files, ...readers]),
    native: joined(notes.native, found.native),
    examined: [...new Set([...notes.examined, found.digest])].slice(-maxExamined),
    traces: withTraces(notes.traces, roots, traced.traces),
  }
  const whole = await lookAhead(made, learned, { base, pathOf }, tools)
  if ('failure' in whole) return whole
  const before = shippedFolders(notes)
  return { notes: whole, again: [...shippedFolders(whole)].some(folder => !before.has(folder)) }
}

/** What the next attempt will ask for, and what that asks for: each attempt bundles all packages, and takes long. */
async function lookAhead(
  { metafile }: Pick<Bundled, 'metafile'>,
  notes: Notes,
  { base, pathOf }: Place & { base: string },
  tools: Tools,
): Promise<Notes | Failed> {
  const where = { pathOf, isModule: (file: string) => isModule(path.join(base, file)) }
  const roots = unknown(asksIn(metafile.inputs, shippedFolders(notes), where), notes)
  if (roots.length === 0) return notes
  const traced = await tracePackages(base, { roots, files: [] }, tools)
  if (traced === null) return untraceable(roots)
  const traces = withTraces(notes.traces, roots, traced.traces)
  return lookAhead({ metafile }, { ...notes, traces }, { base, pathOf }, tools)
}

function unknown(roots: Root[], { traces }: Notes): Root[] {
  return [...new Map(roots.map(root => [keyOf(root), root]))].flatMap(([key, root]) =>
    key in traces ? [] : [root],
  )
}

function withTraces(before: Notes['traces'], roots: Root[], traces: Trace[]): Notes['traces'] {
  const found = roots.map((root, index) => [keyOf(root), traces[index] ?? nothing])
  return { ...before, ...Object.fromEntries(found) }
}

function untraceable(roots: Root[]): Failed {
  const named = roots.map(({ folder }) => folder).join(', ') || 'the dependencies'
  return failed(
    'packages_untraceable',
    `What ${named} need beside them could not be found out. Build again; if that does not help, replace them by packages that need no files beside them.`,
  )
}

const nothing = { files: [], packages: {} }

interface Examined {
  /** Folders of packages. */
  native: string[]
  files: string[]
  /** Files that only tracing tells of. */
  perhaps: string[]
  digest: string
}

async function examine(
  { metafile }: Bundled,
  notes: Notes,
  base: string,
  pathOf: Place['pathOf'],
): Promise<Examined> {
  const inputs = Object.entries(metafile.inputs).map(([name, input]) => [pathOf(name), input] as const)
  const files = inputs
    .map(([name]) => name)
    .filter(name => packageFolder(name) !== null)
    .sort()
  const digest = createHash('sha256').update(files.join('\n')).digest('hex')
  const examined: Examined = { native: [], files: [], perhaps: [], digest }
  for (const [name, { imports }] of inputs)
    for (const imported of imports.filter(one => one.path.endsWith('.node')))
      examined.native.push(...folders([name, pathOf(imported.path)]))
  if (notes.examined.includes(digest)) return examined
  for (const file of files) {
    const found = readsBeside(await readFile(path.join(base, file), 'utf8').catch(() => ''))
    if (found === 'native' || found === 'files') examined[found].push(...folders([file]))
    else if (found === 'perhaps') examined.perhaps.push(file)
  }
  return examined
}

function folders(files: string[]): string[] {
  return files.flatMap(file => packageFolder(file) ?? [])
}

function joined(known: string[], found: string[]): string[] {
  return [...new Set([...known, ...found])].sort()
}
