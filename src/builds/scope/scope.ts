// What an environment's build is made of: the folders and files of its repository whose content decides what comes out. Too
// wide costs a build; too narrow would leave old code live: so what is not known to be harmless counts. Pure.
//
// An entry is `**` (the whole repository, documents at its top apart), `apps/jobs/**` (a folder with all in it), `apps/*` (the
// files directly in it, documents apart: they configure what lies below), or the path of one file.
import { createHash } from 'node:crypto'
import path from 'node:path'
import type { TreeEntry } from '../ports.ts'

export interface Parts {
  /** The project's. */
  root: string
  /** Of packages of the repository that it needs, and of those its code came from. */
  packages: string[]
  /** Files of the repository that the bundler took in. */
  inputs: string[]
  /** Further folders: what the environment watches, what the package manager keeps in the repository. */
  folders: string[]
  /** Further files: what the install and the compiler's configuration name. */
  files: string[]
}

const everything = '**'
const submodule = '160000'

export function scopeOf(parts: Parts): string[] {
  const own = [parts.root, ...parts.packages].map(normal)
  const known = [...own.flatMap(withConfiguration), ...parts.folders.map(normal).map(whole)]
  const isKnown = matcher(known)
  // Beside a file that was taken in, another could be added that takes its place: so its folder counts.
  const beside = parts.inputs.filter(file => !isKnown(file)).flatMap(file => besideOf(file, own))
  return reduced([...known, ...beside, ...parts.files.map(normal)])
}

/** Its own folder; or the file alone where that would be a folder the project lies in, whose other files count already. */
function besideOf(file: string, own: string[]): string[] {
  const folder = path.posix.dirname(file)
  const holdsProject = own.some(one => folder === '.' || one.startsWith(`${folder}/`))
  return holdsProject ? [file] : withConfiguration(folder)
}

/** A folder, and what the folders above it say of it. */
function withConfiguration(folder: string): string[] {
  return [whole(folder), ...foldersAbove(folder).map(above => (above === '.' ? '*' : `${above}/*`))]
}

function foldersAbove(folder: string): string[] {
  if (folder === '.') return []
  const parts = folder.split('/').slice(0, -1)
  return ['.', ...parts.map((_, index) => parts.slice(0, index + 1).join('/'))]
}

const whole = (folder: string) => (folder === '.' ? everything : `${folder}/**`)
const normal = (file: string) => path.posix.normalize(file).replace(/\/$/, '') || '.'

function reduced(entries: string[]): string[] {
  const distinct = [...new Set(entries)].sort()
  if (!distinct.includes(everything)) return distinct
  return [everything, ...distinct.filter(entry => !entry.includes('*') && !matcher([everything])(entry))]
}

type Held = 'all' | 'all but documents' | 'nothing'

/** Whether a path is in the scope. A folder (a submodule is all that git lists of one) is never a document. */
export function matcher(scope: readonly string[]): (file: string, isFolder?: boolean) => boolean {
  const entries = new Set(scope)
  const known = new Map<string, Held>()
  const heldOf = (folder: string): Held => {
    const held = known.get(folder) ?? heldIn(folder, entries)
    known.set(folder, held)
    return held
  }
  return (file, isFolder = false) => {
    const held = heldOf(parentOf(file))
    if (held === 'all' || entries.has(file) || entries.has(`${file}/**`)) return true
    return held === 'all but documents' && (isFolder || !documents.test(path.posix.basename(file)))
  }
}

function heldIn(folder: string, entries: ReadonlySet<string>): Held {
  if (folder !== '.' && (entries.has(everything) || isBelow(folder, entries))) return 'all'
  const direct = folder === '.' ? entries.has('*') || entries.has(everything) : entries.has(`${folder}/*`)
  return direct ? 'all but documents' : 'nothing'
}

function isBelow(folder: string, entries: ReadonlySet<string>): boolean {
  for (let at = folder.indexOf('/'); at >= 0; at = folder.indexOf('/', at + 1))
    if (entries.has(`${folder.slice(0, at)}/**`)) return true
  return entries.has(`${folder}/**`)
}

// Names that people look for, and no tool that builds. (What code imports is in the scope under its own name.)
const documents =
  /^(?:(?:readme|licen[cs]e|copying|notice|changelog|changes|history|contributing|code_of_conduct|security|authors|contributors|maintainers|support|codeowners)(?:-[\w-]+)?(?:\.(?:txt|html?))?|.*\.(?:md|markdown|rst|adoc))$/i

/** What decides besides content: settings, versions, variables. */
export type Basis = Record<string, unknown>

/** Equal for two commits only if the same was built of them. */
export function contentDigest(scope: readonly string[], tree: readonly TreeEntry[], basis: Basis): string {
  const isIn = matcher(scope)
  const entries = [...byFolder(tree)]
    .filter(mayHold(scope))
    .flatMap(([, inside]) => inside.filter(({ path: file, mode }) => isIn(file, mode === submodule)))
    .map(({ path: file, mode, sha }) => [file, mode, sha])
    .sort(([a = ''], [b = '']) => (a < b ? -1 : 1))
  return createHash('sha256')
    .update(JSON.stringify([sorted(basis), entries]))
    .digest('hex')
}

type Folders = ReadonlyMap<string, TreeEntry[]>
const folders = new WeakMap<readonly TreeEntry[], Folders>()

/** A push compares one tree with the scopes of all its environments: what it has of ten thousand files is looked at once. */
function byFolder(tree: readonly TreeEntry[]): Folders {
  const known = folders.get(tree) ?? Map.groupBy(tree, entry => parentOf(entry.path))
  folders.set(tree, known)
  return known
}

function mayHold(scope: readonly string[]): ([folder]: [string, unknown]) => boolean {
  const entries = new Set(scope)
  const named = new Set(scope.map(entry => parentOf(entry.replace(/\/\*\*$/, ''))))
  return ([folder]) => named.has(folder) || heldIn(folder, entries) !== 'nothing'
}

function parentOf(file: string): string {
  const at = file.lastIndexOf('/')
  return at < 0 ? '.' : file.slice(0, at)
}

/** jsonb gives keys back in an order of its own. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (value === null || typeof value !== 'object') return value
  const pairs = Object.entries(value).map(([key, inner]) => [key, sorted(inner)])
  return pairs.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1))
}

const shown = 5

/** "apps/jobs, packages/mail or its configuration" */
export function scopeWords(scope: readonly string[]): string {
  if (scope.includes(everything)) return 'the repository but its documents'
  const folders = scope.filter(entry => entry.endsWith('/**')).map(entry => entry.slice(0, -3))
  const more = folders.length - shown
  const named = more > 0 ? [...folders.slice(0, shown), `${more} more folders`] : folders
  return `${named.join(', ')} or its configuration`
}
