// Why a name in a stranger's archive is refused, each reason with a code of its own. Pure. RELIABILITY.md section 4b has the
// archives that broke others.

export type RefusalCode =
  | 'too_many_entries'
  | 'unpacks_too_large'
  | 'path_characters'
  | 'path_absolute'
  | 'path_too_long'
  | 'path_too_deep'
  | 'path_climbs'
  | 'path_empty'
  | 'git_folder'
  | 'npm_settings'
  | 'no_top_folder'
  | 'name_collision'
  | 'name_twice'
  | 'link'
  | 'link_target'
  | 'link_absolute'
  | 'link_outside'
  | 'hard_link'
  | 'special_file'
  | 'header'
  | 'compressed_twice'

export interface Refusal {
  code: RefusalCode
  reason: string
}

export interface Limits {
  entries: number
  unpackedBytes: number
  pathBytes: number
  depth: number
}

/** Of a commit: what its host packed. */
export const defaultLimits: Limits = {
  entries: 200_000,
  unpackedBytes: 1_000_000_000,
  pathBytes: 2_000,
  depth: 64,
}

/** Of what somebody uploads: one function, or some, without their dependencies. */
export const uploadLimits: Limits & { packedBytes: number } = {
  packedBytes: 50_000_000,
  entries: 20_000,
  unpackedBytes: 250_000_000,
  pathBytes: 1_000,
  depth: 32,
}

// Control characters, what invalid UTF-8 was read as, and the other separator: none of them in an honest name.
// biome-ignore lint/suspicious/noControlCharactersInRegex: it looks for exactly those
const forbidden = /[\x00-\x1f\x7f\ufffd\\]/

export const hasForbidden = (text: string): boolean => forbidden.test(text)
export const isAbsolute = (path: string): boolean => path.startsWith('/') || /^[a-z]:/i.test(path)

/** Null: an honest name of a file. */
export function judgePath(path: string, limits: Limits): Refusal | null {
  const shown = JSON.stringify(path.slice(0, 200))
  if (hasForbidden(path))
    return { code: 'path_characters', reason: `${shown} has characters that no file name may have here` }
  if (isAbsolute(path)) return { code: 'path_absolute', reason: `${shown} is an absolute path` }
  if (Buffer.byteLength(path) > limits.pathBytes)
    return { code: 'path_too_long', reason: `${shown} is longer than ${limits.pathBytes} bytes` }
  const parts = path.split('/')
  if (parts.length > limits.depth)
    return { code: 'path_too_deep', reason: `${shown} is nested deeper than ${limits.depth} folders` }
  if (parts.includes('..')) return { code: 'path_climbs', reason: `${shown} leads out of its folder` }
  if (parts.some(isGitFolder)) return { code: 'git_folder', reason: `${shown} is inside a .git folder` }
  return null
}

/** Null: an honest name of a file. */
export function refusePath(path: string, limits: Limits = defaultLimits): string | null {
  return judgePath(path, limits)?.reason ?? null
}

/** Settings of a package manager: they name registries, programs and secrets. */
export function isNpmSettings(path: string): boolean {
  return path.split('/').some(part => /^\.npmrc[. ]*$/i.test(plain(part)))
}

/** Also the spellings that Windows and macOS open as `.git`. */
function isGitFolder(part: string): boolean {
  return /^(\.git|git~\d+)[. ]*$/i.test(plain(part))
}

function plain(part: string): string {
  return part.normalize('NFKC').replace(/[\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]/g, '')
}

/** Equal for names that some file system takes for one: other case, other composition of the same letters. */
export function foldName(path: string): string {
  return path.normalize('NFKC').toLowerCase().toUpperCase().toLowerCase().normalize('NFKC')
}
