// Decides what of a stranger's archive may be written, entry by entry. Pure, and stricter than Git: regular files, folders
// and relative links that stay inside; no two names that a file system could take for one. RELIABILITY.md section 4b has
// the archives that broke others. Links are decided on once all entries are known, because each may lead through another.
export interface Limits {
  entries: number
  unpackedBytes: number
  pathBytes: number
  depth: number
}

export const defaultLimits: Limits = {
  entries: 200_000,
  unpackedBytes: 1_000_000_000,
  pathBytes: 2_000,
  depth: 64,
}

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
  | { kind: 'refused'; reason: string }

/** What is known of an archive so far. */
export interface Inventory {
  entries: number
  bytes: number
  top: string | null
  /** By the name as a careless file system takes it. */
  names: Map<string, { path: string; folder: boolean }>
  links: Map<string, string>
}

export function emptyInventory(): Inventory {
  return { entries: 0, bytes: 0, top: null, names: new Map(), links: new Map() }
}

/** Decides on the next entry and notes it. */
export function planEntry(inventory: Inventory, entry: Entry, limits: Limits): Plan {
  inventory.entries += 1
  inventory.bytes += entry.size
  const reason = refuseAmount(inventory, limits) ?? refusePath(entry.path, limits) ?? refuseType(entry)
  if (reason) return refused(reason)
  const [top, ...parts] = entry.path.split('/').filter(part => part !== '' && part !== '.')
  inventory.top ??= top ?? null
  if (top === undefined || top !== inventory.top)
    return refused(`"${entry.path}" is not in the archive's one top folder`)
  const isFolder = entry.type === 'Directory'
  if (parts.length === 0)
    return isFolder ? { kind: 'nothing' } : refused(`"${entry.path}" is not in a top folder`)
  const path = parts.join('/')
  const collision = claim(inventory, path, isFolder)
  if (collision) return refused(collision)
  if (isFolder) return { kind: 'folder', path }
  if (entry.type !== 'SymbolicLink') return { kind: 'file', path, executable: entry.executable }
  const target = entry.linkpath ?? ''
  inventory.links.set(path, target)
  return { kind: 'link', path, target }
}

/** To be asked once all entries are known; null: every link stays inside. */
export function refuseLinks({ links }: Inventory): string | null {
  const outside = [...links].find(([path]) => !staysInside(links, path))
  return outside ? `the link "${outside[0]}" leads out of the repository, to "${outside[1]}"` : null
}

function refuseAmount({ entries, bytes }: Inventory, limits: Limits): string | null {
  if (entries > limits.entries) return `it has more than ${limits.entries} entries`
  if (bytes > limits.unpackedBytes) return `it unpacks to more than ${limits.unpackedBytes} bytes`
  return null
}

/** Notes the name and the folders above it; null: all of them are free for this. */
function claim({ names }: Inventory, path: string, folder: boolean): string | null {
  const parts = path.split('/')
  for (let length = 1; length <= parts.length; length++) {
    const part = parts.slice(0, length).join('/')
    const isFolder = length < parts.length || folder
    const known = names.get(foldName(part))
    if (!known) names.set(foldName(part), { path: part, folder: isFolder })
    else if (known.path !== part) return `"${part}" and "${known.path}" are one name to some file systems`
    else if (!known.folder || !isFolder) return `"${part}" occurs twice`
  }
  return null
}

function refused(reason: string): Plan {
  return { kind: 'refused', reason }
}

/** Equal for names that some file system takes for one: other case, other composition of the same letters. */
function foldName(path: string): string {
  return path.normalize('NFKC').toLowerCase().normalize('NFKC')
}

// Control characters, what invalid UTF-8 was read as, and the other separator: none of them in an honest name.
// biome-ignore lint/suspicious/noControlCharactersInRegex: it looks for exactly those
const forbidden = /[\x00-\x1f\x7f\ufffd\\]/

/** Null: an honest name of a file. */
export function refusePath(path: string, limits: Limits = defaultLimits): string | null {
  const shown = JSON.stringify(path.slice(0, 200))
  if (forbidden.test(path)) return `${shown} has characters that no file name may have here`
  if (path.startsWith('/') || /^[a-z]:/i.test(path)) return `${shown} is an absolute path`
  if (Buffer.byteLength(path) > limits.pathBytes) return `${shown} is longer than ${limits.pathBytes} bytes`
  const parts = path.split('/')
  if (parts.length > limits.depth) return `${shown} is nested deeper than ${limits.depth} folders`
  if (parts.includes('..')) return `${shown} leads out of its folder`
  if (parts.some(isGitFolder)) return `${shown} is inside a .git folder`
  return null
}

/** Also the spellings that Windows and macOS open as `.git`. */
function isGitFolder(part: string): boolean {
  const plain = part.normalize('NFKC').replace(/[\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]/g, '')
  return /^(\.git|git~\d+)[. ]*$/i.test(plain)
}

function refuseType(entry: Entry): string | null {
  switch (entry.type) {
    case 'File':
    case 'OldFile':
    case 'ContiguousFile':
    case 'Directory':
      return null
    case 'SymbolicLink':
      return refuseTarget(entry.path, entry.linkpath ?? '')
    case 'Link':
      return `"${entry.path}" is a hard link`
    default:
      return `"${entry.path}" is neither a file nor a folder (${entry.type})`
  }
}

function refuseTarget(path: string, target: string): string | null {
  if (target === '' || forbidden.test(target)) return `the link "${path}" has an impossible target`
  if (target.startsWith('/') || /^[a-z]:/i.test(target))
    return `the link "${path}" leads to an absolute path, "${target}"`
  return null
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
