// The settings files of a project that count for an install, each reduced to what may be set: registries and how versions
// are resolved, but no program to run (yarnPath, plugins, scanners) and no place to write to. Pure.
import { isClassic, type Manager } from './package-manager.ts'

export function settingsFilesOf(manager: Manager): string[] {
  if (manager.name === 'yarn') return isClassic(manager) ? ['.npmrc', '.yarnrc'] : ['.yarnrc.yml']
  return { npm: ['.npmrc'], pnpm: ['.npmrc', 'pnpm-workspace.yaml'], bun: ['.npmrc', 'bunfig.toml'] }[
    manager.name
  ]
}

const berrySettings = new Set([
  'approvedGitRepositories',
  'catalog',
  'catalogs',
  'checksumBehavior',
  'compressionLevel',
  'defaultProtocol',
  'enableStrictSsl',
  'nmHoistingLimits',
  'npmAlwaysAuth',
  'npmAuthIdent',
  'npmAuthToken',
  'npmRegistries',
  'npmRegistryServer',
  'npmScopes',
  'packageExtensions',
  'supportedArchitectures',
])

/** What the manager gets to see of the file. */
export function usableSettings(file: string, text: string): string {
  const name = file.split('/').at(-1)
  const lines = text.split('\n')
  if (name === '.yarnrc') return lines.filter(line => /^"?(?:@[^:]+:)?registry"?\s/.test(line)).join('\n')
  if (name === '.yarnrc.yml') return keepBlocks(lines, key => berrySettings.has(key)).join('\n')
  // Bun runs the scanner, which is a package like others, before it installs.
  if (name === 'bunfig.toml') return lines.filter(line => !/\bscanner\b/.test(line)).join('\n')
  return text
}

/** A block is a line at the margin with a key, and all lines until the next one. */
function keepBlocks(lines: string[], keep: (key: string) => boolean): string[] {
  const state = { kept: false }
  return lines.filter(line => {
    const key = /^["']?([A-Za-z]\w*)["']?:/.exec(line)?.[1]
    if (key !== undefined) state.kept = keep(key)
    return state.kept
  })
}

/** Whether the project says itself where packages come from. */
export function namesRegistry(text: string): boolean {
  return /^\s*["']?(?:registry|npmRegistryServer)["']?(?:\s*[=:]|\s+["']?http)/m.test(text)
}

export interface Missing {
  line: number
  name: string
}

// ${NAME}, with what npm, pnpm and Yarn take after the name: a mark that it may be missing, or what stands in for it.
const reference = /\$\{([^}]*)\}/g
const bunReference = /\$(?:\{([^}]*)\}|([A-Za-z_]\w*))/g

/**
 * The manager itself fills in ${NAME}, so that no value gets into a file. What is no variable of the environment must not be
 * filled in from ours: a stand-in takes its place, or else its line is left out and told.
 */
export function withVariables(
  file: string,
  text: string,
  variables: ReadonlySet<string>,
): { text: string; missing: Missing[] } {
  const pattern = file.endsWith('bunfig.toml') ? bunReference : reference
  const missing: Missing[] = []
  const lines = text.split('\n').flatMap((line, index) => {
    const unknown: string[] = []
    const filled = line.replaceAll(pattern, (whole, braced?: string, bare?: string) => {
      const { name, otherwise } = parseReference(braced ?? bare ?? '')
      if (variables.has(name)) return whole
      if (otherwise === null) unknown.push(name)
      return otherwise ?? ''
    })
    missing.push(...unknown.map(name => ({ line: index + 1, name })))
    return unknown.length > 0 ? [] : [filled]
  })
  return { text: lines.join('\n'), missing }
}

/** `otherwise` may refer to nothing itself: it would be filled in again. */
function parseReference(inside: string): { name: string; otherwise: string | null } {
  const [, name = inside, optional, otherwise] = /^([^:?-]*)(\?$)?(?::?-(.*))?$/.exec(inside) ?? []
  if (optional) return { name, otherwise: '' }
  return { name, otherwise: otherwise === undefined ? null : otherwise.replaceAll('$', '') }
}
