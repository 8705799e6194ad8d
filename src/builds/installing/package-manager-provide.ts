// Gets a package manager in an exact version, as corepack would, from the npm registry alone: once per version, by our npm,
// in a folder of its own, without its install scripts and out of the project's sight. Made beside its place and renamed, its
// marker written before, so what has a marker is whole.
import { createHash, randomUUID } from 'node:crypto'
import { chmod, mkdir, readdir, readFile, rename, stat, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { AppError } from '../../errors.ts'
import { type Failed, failed } from '../failure.ts'
import { removeFolder } from '../folders.ts'
import { usedBytes } from '../processes/disk-use.ts'
import { requireNpm } from '../processes/machine.ts'
import { runCommand, type Step } from '../processes/run-command.ts'
import type { Tools } from '../tools.ts'
import { isUnreachable } from './install-command.ts'
import { evictLeastUsed } from './install-eviction.ts'
import { isClassic, type Manager } from './package-manager.ts'

/** A package manager that can be run: the file, and what comes first on its command line. */
export interface Program {
  file: string
  args: string[]
  version: string
  /** Where it lies, if it is none of the machine's programs. */
  folder: string | null
}

const Marker = z.object({
  /** Relative to the folder. */
  program: z.string(),
  /** `sha512.<hex>` and the like, of the package and of its program: people pin either. */
  hashes: z.array(z.string()),
  bytes: z.number(),
})
const markerName = 'complete.json'
const maxManagerBytes = 2_000_000_000
const downloadsName = 'downloads'

export async function provideManager(manager: Manager, tools: Tools): Promise<Program | Failed> {
  const npm = requireNpm(tools.machine)
  if (manager.version === null) return { ...npm, folder: null }
  const wanted = packageOf(manager)
  const { managers } = tools.folders
  const folder = path.join(managers, `${wanted.replace('/', '+')}@${manager.version}`)
  const marker = (await readMarker(folder)) ?? (await fetchManager(manager, managers, folder, tools))
  if ('failure' in marker) return marker
  const now = new Date()
  await utimes(path.join(folder, markerName), now, now) // when it was last of use, for eviction
  const named = `${manager.name} ${manager.version}`
  if (manager.hash !== null && !isKnown(manager.hash))
    tools.say(`The hash of ${named} in "packageManager" is of a kind not checked here`)
  else if (manager.hash !== null && !marker.hashes.includes(manager.hash))
    return failed(
      'package_manager_hash_mismatch',
      `${named} from the registry does not have the hash that "packageManager" in package.json gives. Correct the hash, or remove it.`,
    )
  const program = path.join(folder, marker.program)
  return manager.name === 'bun'
    ? { file: program, args: [], version: manager.version, folder }
    : { file: process.execPath, args: [program], version: manager.version, folder }
}

const algorithms = ['sha1', 'sha224', 'sha256', 'sha384', 'sha512']

function isKnown(hash: string): boolean {
  return algorithms.includes(hash.split('.')[0] ?? '')
}

function packageOf(manager: Manager): string {
  if (manager.name === 'yarn' && !isClassic(manager)) return '@yarnpkg/cli-dist'
  return manager.name === 'bun' ? `@oven/bun-${bunPlatform()}` : manager.name
}

/** Bun's own package only picks one of these, with a script. */
function bunPlatform(): string {
  const arch = process.arch === 'arm64' ? 'aarch64' : process.arch
  return `${process.platform}-${arch}${isMusl() ? '-musl' : ''}`
}

const Report = z.object({ header: z.object({ glibcVersionRuntime: z.string().optional() }) })

let musl: boolean | null = null // asking takes a while

/** Whether Linux has another C library than most: programs made for one do not run with the other. */
export function isMusl(): boolean {
  if (musl !== null) return musl
  const report = Report.safeParse(process.platform === 'linux' ? process.report.getReport() : null)
  musl = report.success && report.data.header.glibcVersionRuntime === undefined
  return musl
}

/** Those used least recently go first. */
export function evictManagers(managers: string, now: Date, maxBytes = maxManagerBytes): Promise<string[]> {
  const isEntry = (name: string) => !name.startsWith('.') && !name.endsWith('.old')
  const bytesOf = async (folder: string) => (await readMarker(folder))?.bytes ?? 0
  return evictLeastUsed({ folder: managers, isEntry, usedAtOf, bytesOf }, now, maxBytes)
}

async function usedAtOf(folder: string): Promise<Date | null> {
  return (await stat(path.join(folder, markerName)).catch(() => null))?.mtime ?? null
}

async function readMarker(folder: string): Promise<z.infer<typeof Marker> | null> {
  try {
    return Marker.parse(JSON.parse(await readFile(path.join(folder, markerName), 'utf8')))
  } catch {
    return null // not there
  }
}

async function fetchManager(
  manager: Manager,
  managers: string,
  folder: string,
  tools: Tools,
): Promise<z.infer<typeof Marker> | Failed> {
  tools.say(`Getting ${manager.name} ${manager.version}`)
  const building = path.join(managers, `.${randomUUID()}`)
  await mkdir(building, { recursive: true, mode: 0o700 })
  try {
    const name = packageOf(manager)
    await writeFile(path.join(building, 'package.json'), '{"private":true}\n')
    const packed = await runNpm(['pack', '--silent', `${name}@${manager.version}`], building, tools)
    if (packed !== null) return notHad(manager, packed)
    const tarball = (await readdir(building)).find(file => file.endsWith('.tgz'))
    if (tarball === undefined) return notHad(manager, '')
    const refused = await runNpm(['install', '--no-package-lock', `./${tarball}`], building, tools)
    if (refused !== null) return notHad(manager, refused)
    const program = await programOf(manager, building, name)
    const hashes = await hashesOf([path.join(building, tarball), path.join(building, program)])
    await chmod(path.join(building, program), 0o755)
    await removeFolder(path.join(building, downloadsName))
    const bytes = await usedBytes([building])
    const marker = { program, hashes: manager.name === 'bun' ? [] : hashes, bytes }
    await writeFile(path.join(building, markerName), JSON.stringify(marker))
    await rename(building, folder).catch(async error => {
      if ((await readMarker(folder)) === null) throw error // else somebody was faster
    })
    await evictManagers(managers, new Date())
    return marker
  } finally {
    await removeFolder(building)
  }
}

const Description = z.object({ bin: z.record(z.string(), z.string()) })

async function programOf(manager: Manager, building: string, name: string): Promise<string> {
  const own = path.join('node_modules', name)
  if (manager.name === 'bun') return path.join(own, 'bin', 'bun')
  const text = await readFile(path.join(building, own, 'package.json'), 'utf8')
  const program = Description.parse(JSON.parse(text)).bin[manager.name]
  if (program === undefined) throw new AppError('unavailable', `${name} ${manager.version} has no program`)
  return path.join(own, program)
}

async function hashesOf(files: string[]): Promise<string[]> {
  const contents = await Promise.all(files.map(file => readFile(file)))
  return contents.flatMap(content =>
    algorithms.map(algorithm => `${algorithm}.${createHash(algorithm).update(content).digest('hex')}`),
  )
}

/** Null, or what npm said. */
async function runNpm(args: string[], cwd: string, tools: Tools): Promise<string | null> {
  const npm = requireNpm(tools.machine)
  const output: string[] = []
  const step: Step = {
    file: npm.file,
    args: [
      ...npm.args,
      ...args,
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--logs-max=0',
      // Nobody else's: what a project's own install wrote is not to get into what runs for all.
      `--cache=${path.join(cwd, downloadsName)}`,
    ],
    cwd,
    writes: [cwd],
    network: 'registry',
    env: {
      ...tools.machine.registry,
      npm_config_update_notifier: 'false',
      npm_config_progress: 'false',
    },
    onLine: line => output.push(line),
  }
  const ended = await runCommand(step, tools)
  if (ended.kind === 'exited' && ended.code === 0) return null
  const text = output.join('\n')
  if (isUnreachable(text))
    throw new AppError('unavailable', 'npm could not reach its registry to get the package manager')
  return text
}

function notHad(manager: Manager, said: string): Failed {
  const reason = /\b(ETARGET|E404)\b/.test(said) || said === '' ? 'there is no such version' : 'npm failed'
  return failed(
    'package_manager_unavailable',
    `${manager.name} ${manager.version} cannot be had from the registry: ${reason}. Name another version in package.json ("packageManager").`,
  )
}
