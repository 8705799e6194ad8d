// Which package manager installs a project, and in which version: the one its package.json asks for ("packageManager"), else
// one that writes lockfiles of the kind committed. Pure: texts in, the choice or the reason against it out.
import { type Failed, failed } from '../failure.ts'

export type ManagerName = 'npm' | 'yarn' | 'pnpm' | 'bun'

export interface Manager {
  name: ManagerName
  /** Exact. Null: npm, as the machine has it. */
  version: string | null
  /** What the project says the package's content has to be, as `sha512.<hex>`. */
  hash: string | null
}

export const lockfiles: Record<string, ManagerName> = {
  'npm-shrinkwrap.json': 'npm',
  'package-lock.json': 'npm',
  'pnpm-lock.yaml': 'pnpm',
  'yarn.lock': 'yarn',
  'bun.lock': 'bun',
  'bun.lockb': 'bun',
}

/** `packageManager` of a package.json, and which file that is. */
export interface Asked {
  file: string
  manager: Manager
}

const shape = /^(?<name>[^@]+)@(?<version>\d+\.\d+\.\d+(?:-[\w.-]+)?)(?:\+(?<hash>[a-z0-9]+\.[0-9a-f]+))?$/

/** Major versions that run here: their packages are single files for Node, or a binary the registry has. */
const supported: Record<ManagerName, { from: number; to: number }> = {
  npm: { from: 7, to: 12 },
  yarn: { from: 1, to: 4 },
  pnpm: { from: 7, to: 11 },
  bun: { from: 1, to: 1 },
}

export function readAsked(file: string, field: unknown): Asked | Failed {
  const groups = typeof field === 'string' ? shape.exec(field)?.groups : undefined
  const { name = '', version = '', hash = null } = groups ?? {}
  if (!groups)
    return failed(
      'package_manager_invalid',
      `"packageManager" of ${file} is ${JSON.stringify(field)}; it has to name one exact version, for example "pnpm@10.34.8". Correct it, or remove the field.`,
    )
  if (!isManagerName(name))
    return failed(
      'package_manager_unsupported',
      `"packageManager" of ${file} names ${JSON.stringify(name)}; the builder knows ${Object.keys(supported).join(', ')}. Use one of them.`,
    )
  const { from, to } = supported[name]
  const major = Number.parseInt(version, 10)
  if (major < from || major > to)
    return failed(
      'package_manager_unsupported',
      `"packageManager" of ${file} asks for ${name} ${version}; the builder can run ${name} ${from === to ? `${from}` : `${from} to ${to}`}. Ask for one of those.`,
    )
  return { file, manager: { name, version, hash } }
}

function isManagerName(name: string): name is ManagerName {
  return Object.hasOwn(supported, name)
}

/** The one lockfile of a folder that counts; null: it has none. `names`: the lockfiles in it. */
export function chooseLockfile(folder: string, names: string[], asked: Asked | null): string | null | Failed {
  const fitting = asked ? names.filter(name => lockfiles[name] === asked.manager.name) : names
  const [first] = fitting
  if (names.length === 0) return null
  if (first === undefined)
    return failed(
      'package_manager_mismatch',
      `"packageManager" of ${asked?.file} asks for ${asked?.manager.name}, and the lockfile is ${names.join(', ')} (${lockfiles[names[0] ?? '']}). Correct the field, or commit a lockfile of ${asked?.manager.name}.`,
    )
  const managers = new Set(fitting.map(name => lockfiles[name]))
  if (managers.size > 1)
    return failed(
      'lockfile_ambiguous',
      `There are lockfiles of ${[...managers].join(' and ')} in ${folder === '.' ? "the repository's root" : `"${folder}"`}: ${fitting.join(', ')}. Remove those not in use, or name the package manager in package.json ("packageManager").`,
    )
  return first
}

/** `text`: the lockfile's. */
export function chooseManager(
  asked: Asked | null,
  lockfile: { path: string; name: string; text: string },
): Manager | Failed {
  const name = lockfiles[lockfile.name] ?? 'npm'
  if (asked) return asked.manager
  if (name === 'npm') return { name, version: null, hash: null }
  const version = versionFor[name](lockfile.text)
  if (version !== null) return { name, version, hash: null }
  return failed(
    'lockfile_invalid',
    `${lockfile.path} is no lockfile of ${name} that the builder knows. Run "${name} install" and commit it, or name the version in package.json ("packageManager": "${name}@…").`,
  )
}

// The newest version that leaves a lockfile of the kind as it is, so that a frozen install has nothing to object to.
const versionFor: Record<Exclude<ManagerName, 'npm'>, (text: string) => string | null> = {
  yarn(text) {
    if (/^# yarn lockfile v1$/m.test(text)) return '1.22.22'
    const format = /^__metadata:\s+version: (\d+)/m.exec(text)?.[1]
    return format === undefined ? null : (berry[format] ?? null)
  },
  pnpm(text) {
    const format = /^lockfileVersion: '?(\d+)\./m.exec(text)?.[1]
    return format === undefined ? null : (pnpm[format] ?? null)
  },
  bun: () => '1.4.5',
}

const berry: Record<string, string> = {
  4: '2.4.2',
  5: '3.1.1',
  6: '3.8.7',
  8: '4.12.0',
  9: '4.14.1',
  10: '4.18.1',
}
const pnpm: Record<string, string> = { 5: '7.33.7', 6: '8.15.9', 9: '10.34.8' }

export function isClassic({ name, version }: Manager): boolean {
  return name === 'yarn' && (version ?? '').startsWith('1.')
}
