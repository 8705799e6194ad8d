// Decides what of a stranger's archive may be written, entry by entry. Pure, and stricter than Git: regular files, folders
// and relative links that stay inside; no two names that a file system could take for one. Links are decided on once all
// entries are known, because each may lead through another. What somebody uploads (and no host of code has packed) holds no
// links at all.
import {
  defaultLimits,
  foldName,
  hasForbidden,
  isAbsolute,
  isNpmSettings,
  judgePath,
  type Limits,
  type Refusal,
} from './refusals.ts'

export { defaultLimits, type Limits }

/** Who packed it: the host of a commit, which puts all into one folder that means nothing; or whoever uploads it. */
export type Packer = 'host' | 'uploader'

export interface Entry {
  type: string
  path: string
  linkpath: string | undefined
  size: number
  executable: boolean
}

export type Plan =
  | { kind: 'folder'; path: string }
  | { kind: 'file'; path: string; executable: boolean }
  | { kind: 'link'; path: string; target: string }
  | { kind: 'nothing' }
  | ({ kind: 'refused' } & Refusal)

/** What is known of an archive so far. */
export interface Inventory {
  packer: Packer
  entries: number
  bytes: number
  top: string | null
  /** By the name as a careless file system takes it. */
  names: Map<string, { path: string; folder: boolean }>
  links: Map<string, string>
}

export function emptyInventory(packer: Packer = 'host'): Inventory {
  return { packer, entries: 0, bytes: 0, top: null, names: new Map(), links: new Map() }
}

/** Decides on the next entry and notes it. */
export function planEntry(inventory: Inventory, entry: Entry, limits: Limits): Plan {
  inventory.entries += 1
  inventory.bytes += entry.size
  const isFolder = entry.type === 'Directory'
  const placed =
    refuseAmount(inventory, entry, limits) ??
    judgePath(entry.path, limits) ??
    refuseType(entry, inventory.packer) ??
    place(inventory, entry.path, isFolder)
  if ('code' in placed) return { kind: 'refused', ...placed }
  const { path } = placed
  if (path === '') return { kind: 'nothing' }
  const collision = claim(inventory, path, isFolder)
  if (collision) return { kind: 'refused', ...collision }
  if (isFolder) return { kind: 'folder', path }
  if (entry.type !== 'SymbolicLink') return { kind: 'file', path, executable: entry.executable }
  const target = entry.linkpath ?? ''
  inventory.links.set(path, target)
  return { kind: 'link', path, target }
}

/** Where it is to lie; '' is the new folder itself. */
function place(inventory: Inventory, given: string, isFolder: boolean): { path: string } | Refusal {
  const parts = given.split('/').filter(part => part !== '' && part !== '.')
  if (inventory.packer === 'uploader') {
    return parts.length > 0 || isFolder
      ? { path: parts.join('/') }
      : { code: 'path_empty', reason: `"${given}" names no file` }
  }
  const [top, ...inside] = parts
  inventory.top ??= top ?? null
  if (top === undefined || top !== inventory.top)
    return { code: 'no_top_folder', reason: `"${given}" is not in the archive's one top folder` }
  if (inside.length === 0 && !isFolder)
    return { code: 'no_top_folder', reason: `"${given}" is not in a top folder` }
  return { path: inside.join('/') }
}

/** To be asked once all entries are known; null: every link stays inside. */
export function refuseLinks({ links }: Inventory): Refusal | null {
  const outside = [...links].find(([path]) => !staysInside(links, path))
  if (!outside) return null
  const reason = `the link "${outside[0]}" leads out of the repository, to "${outside[1]}"`
  return { code: 'link_outside', reason }
}

function refuseAmount({ entries, bytes }: Inventory, { size }: Entry, limits: Limits): Refusal | null {
  if (!Number.isSafeInteger(size) || size < 0)
    return { code: 'header', reason: 'a header gives a file a size that none can have' }
  if (entries > limits.entries)
    return { code: 'too_many_entries', reason: `it has more than ${limits.entries} entries` }
  if (bytes > limits.unpackedBytes)
    return { code: 'unpacks_too_large', reason: `it unpacks to more than ${limits.unpackedBytes} bytes` }
  return null
}

/** Notes the name and the folders above it; null: all of them are free for this. */
function claim({ names }: Inventory, path: string, folder: boolean): Refusal | null {
  const parts = path.split('/')
  for (let length = 1; length <= parts.length; length++) {
    const part = parts.slice(0, length).join('/')
    const isFolder = length < parts.length || folder
    const folded = foldName(part)
    const known = names.get(folded)
    if (!known) names.set(folded, { path: part, folder: isFolder })
    else if (known.path !== part)
      return {
        code: 'name_collision',
        reason: `"${part}" and "${known.path}" are one name to some file systems`,
      }
    else if (!known.folder || !isFolder) return { code: 'name_twice', reason: `"${part}" occurs twice` }
  }
  return null
}

const files: ReadonlySet<string> = new Set(['File', 'OldFile', 'ContiguousFile', 'Directory'])

function refuseType(entry: Entry, packer: Packer): Refusal | null {
  const { type, path, linkpath = '' } = entry
  if (packer === 'uploader' && isNpmSettings(path))
    return { code: 'npm_settings', reason: `"${path}" would change how packages are installed` }
  if (files.has(type)) return null
  if (type === 'Link') return { code: 'hard_link', reason: `"${path}" is a hard link` }
  if (type !== 'SymbolicLink')
    return { code: 'special_file', reason: `"${path}" is neither a file nor a folder (${type})` }
  if (linkpath === '' || hasForbidden(linkpath))
    return { code: 'link_target', reason: `the link "${path}" has an impossible target` }
  if (isAbsolute(linkpath))
    return { code: 'link_absolute', reason: `the link "${path}" leads to an absolute path, "${linkpath}"` }
  return packer === 'uploader' ? { code: 'link', reason: `"${path}" is a link: pack the file itself` } : null
}

const maxHops = 40

/** Walks as the kernel would, through every link on the way; a way that ends at nothing has to stay inside too. */
function staysInside(links: ReadonlyMap<string, string>, path: string): boolean {
  const ahead = path.split('/')
  const at: string[] = []
  let hops = 0
  for (let part = ahead.shift(); part !== undefined; part = ahead.shift()) {
    if (part === '' || part === '.') continue
    if (part === '..') {
      if (at.length === 0) return false
      at.pop()
      continue
    }
    at.push(part)
    const target = links.get(at.join('/'))
    if (target === undefined) continue
    hops += 1
    if (hops > maxHops) return false
    at.pop()
    ahead.unshift(...target.split('/'))
  }
  return true
}
