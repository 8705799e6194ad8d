// What an npm lockfile needs beside it to be installed, and what makes two installs the same. Pure: texts in, answers out.
import { createHash } from 'node:crypto'
import path from 'node:path'
import { z } from 'zod'

const Lockfile = z.object({
  packages: z
    .record(z.string(), z.object({ resolved: z.string().optional(), link: z.boolean().optional() }))
    .optional(),
})

export interface LocalParts {
  /** Folders of packages that are part of the repository: workspaces, and file: dependencies. */
  packages: string[]
  /** Packed packages in the repository. */
  tarballs: string[]
}

/** Paths are relative to the repository; `folder` is the lockfile's. A lockfile of version 1 names no local parts. */
export function localPartsOf(lockfile: string, folder: string): LocalParts | { problem: string } {
  const parsed = parse(lockfile)
  if ('problem' in parsed) return parsed
  const entries = Object.entries(parsed.packages ?? {})
  const packages = entries.filter(([key]) => key !== '' && !key.split('/').includes('node_modules'))
  const tarballs = entries.flatMap(([, { resolved, link }]) =>
    !link && resolved?.startsWith('file:') ? [resolved.slice('file:'.length)] : [],
  )
  const parts = {
    packages: packages.map(([key]) => path.posix.join(folder, key)),
    tarballs: tarballs.map(file => path.posix.join(folder, file)),
  }
  const outside = [...parts.packages, ...parts.tarballs].find(
    part => part.startsWith('..') || path.posix.isAbsolute(part),
  )
  return outside === undefined ? parts : { problem: `it names "${outside}", which is outside the repository` }
}

function parse(lockfile: string): z.infer<typeof Lockfile> | { problem: string } {
  try {
    return Lockfile.parse(JSON.parse(lockfile))
  } catch (error) {
    const problem = error instanceof SyntaxError ? error.message : 'it does not look like a lockfile of npm'
    return { problem }
  }
}

// What else stands in a package.json (scripts, version, description) changes nothing about what npm ci installs.
const installFields = new Set([
  'name',
  'dependencies',
  'devDependencies',
  'optionalDependencies',
  'peerDependencies',
  'peerDependenciesMeta',
  'bundleDependencies',
  'bundledDependencies',
  'overrides',
  'workspaces',
  'engines',
  'os',
  'cpu',
  'bin',
])

/** The part of a package.json that an install depends on. */
export function installPartOf(packageFile: string): string {
  const parsed: unknown = JSON.parse(packageFile)
  if (parsed === null || typeof parsed !== 'object') return packageFile
  return JSON.stringify(
    Object.entries(parsed)
      .filter(([field]) => installFields.has(field))
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )
}

export interface InstallInputs {
  manager: string
  node: string
  platform: string
  /** Installs of environments that do not trust each other are not shared, although their lockfiles are equal. */
  domain: string
  /** Whose install scripts are run. */
  scripts: boolean | string[]
  files: { path: string; content: string }[]
}

export function installKey(inputs: InstallInputs): string {
  const { manager, node, platform, domain } = inputs
  const scripts = Array.isArray(inputs.scripts) ? inputs.scripts.toSorted() : inputs.scripts
  const files = inputs.files
    .map(({ path, content }) => [path, content])
    .sort(([a = ''], [b = '']) => (a < b ? -1 : 1))
  return createHash('sha256')
    .update(JSON.stringify([manager, node, platform, domain, scripts, files]))
    .digest('hex')
}
