// The default database: PostgreSQL 18 from its npm binaries, on a unix socket in its own folder, no port. It is started
// detached, so that a kill of us leaves it whole; the next start adopts it, or starts it again and PostgreSQL recovers by
// itself. It stops with the last of our processes: one that others still use is left running.
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import {
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import { AppError } from '../../errors.ts'
import { connect } from '../client.ts'
import { isOutage } from '../outage.ts'
import { sqlStateOf } from '../sql-state.ts'
import { findPlace, type Place } from './place.ts'
import { readPostmaster } from './postmaster.ts'

export interface Cluster {
  /** The address of a database in it: by default the one that Sluice uses. */
  url(database?: string): string
  stop(): Promise<void>
}

const startTimeoutMs = 60_000
const owner = 'sluice'
const duplicates = new Set(['42P04', '23505']) // duplicate_database, unique_violation
const childEnvironment = { PATH: '/usr/bin:/bin', LC_ALL: 'C.UTF-8', TZ: 'UTC' }

export async function startCluster(dataDir: string): Promise<Cluster> {
  mkdirSync(dataDir, { recursive: true })
  const place = findPlace(dataDir)
  if (!existsSync(path.join(place.data, 'PG_VERSION'))) await initialise(place)
  await ensureReachable(place)
  return { url: (database = owner) => urlOf(place, database), stop: () => stopIfUnused(place) }
}

function urlOf(place: Place, database: string): string {
  return `postgres://${owner}@localhost/${database}?host=${encodeURIComponent(place.socket)}`
}

/** Into a folder of its own, then renamed: of two first starts at once one wins, the other uses what the winner made. */
async function initialise(place: Place): Promise<void> {
  const partial = `${place.data}.${randomUUID().slice(0, 8)}`
  makePrivate(partial, place)
  const options = ['-U', owner, '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-instructions']
  await run(place, 'initdb', ['-D', partial, ...options])
  try {
    renameSync(partial, place.data)
  } catch (error) {
    rmSync(partial, { recursive: true, force: true })
    if (!existsSync(path.join(place.data, 'PG_VERSION'))) throw error
  }
}

function makePrivate(folder: string, place: Place): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  if (place.user) chownSync(folder, place.user.uid, place.user.gid)
}

function run(place: Place, program: string, args: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(path.join(place.binaries, program), args, {
      ...place.user,
      cwd: '/',
      env: childEnvironment,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    child.stdout.on('data', chunk => (output += chunk))
    child.stderr.on('data', chunk => (output += chunk))
    child.on('error', reject)
    child.on('close', code =>
      code === 0
        ? resolve()
        : reject(
            new AppError('misconfigured', `PostgreSQL's ${program} failed (${code}): ${output.slice(-500)}`),
          ),
    )
  })
}

/** Again while the one that was found turns out to be ending: just killed, or just stopped by another of our processes. */
async function ensureReachable(place: Place): Promise<void> {
  const giveUpAt = Date.now() + startTimeoutMs
  for (;;) {
    await ensureRunning(place)
    try {
      return await ensureDatabase(place)
    } catch (error) {
      if (!isOutage(error) || Date.now() > giveUpAt) throw error
      await sleep(50)
    }
  }
}

/** Adopts one that runs already (also one that another of our processes is just starting), else starts it. */
async function ensureRunning(place: Place): Promise<void> {
  const giveUpAt = Date.now() + startTimeoutMs
  let child = readPostmaster(place.data) ? null : spawnPostgres(place)
  while (!readPostmaster(place.data)?.ready) {
    if (Date.now() > giveUpAt)
      throw new AppError('unavailable', `PostgreSQL did not start: ${logTail(place)}`)
    await sleep(10)
    // Ours may have lost against another that started at the same moment; that one may also end before it is ready.
    if (child === null || child.exitCode !== null)
      child = await startAgainIfGone(place, child?.exitCode ?? null)
  }
}

async function startAgainIfGone(
  place: Place,
  exitCode: number | null,
): Promise<ReturnType<typeof spawnPostgres> | null> {
  if (readPostmaster(place.data)) return null
  if (exitCode !== null) await sleep(200)
  return readPostmaster(place.data) ? null : spawnPostgres(place)
}

function spawnPostgres(place: Place) {
  if (place.socket !== place.data) makePrivate(place.socket, place)
  const log = openSync(`${place.data}.log`, 'a', 0o600)
  const settings = [
    '-c',
    'listen_addresses=',
    '-c',
    `unix_socket_directories=${place.socket}`,
    '-c',
    'max_connections=200',
  ]
  const child = spawn(path.join(place.binaries, 'postgres'), ['-D', place.data, ...settings], {
    ...place.user,
    cwd: '/',
    detached: true,
    env: childEnvironment,
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  child.on('error', () => {}) // seen as an exit without readiness
  child.unref()
  return child
}

function logTail(place: Place): string {
  try {
    return readFileSync(`${place.data}.log`, 'utf8').slice(-500)
  } catch {
    return 'it left no log'
  }
}

async function ensureDatabase(place: Place): Promise<void> {
  const { db, close } = connect(urlOf(place, 'postgres'), { max: 1, name: 'sluice start' })
  try {
    const [found] = await db.execute(sql`select 1 from pg_database where datname = ${owner}`)
    if (!found) await db.execute(sql.raw(`create database ${owner}`)).catch(ignoreDuplicate)
  } finally {
    await close()
  }
}

/** Another of our processes made it at the same moment. */
function ignoreDuplicate(error: unknown): void {
  if (!duplicates.has(sqlStateOf(error) ?? '')) throw error
}

async function stopIfUnused(place: Place): Promise<void> {
  const postmaster = readPostmaster(place.data)
  if (!postmaster || (await inUse(place))) return
  process.kill(postmaster.pid, 'SIGINT') // fast shutdown; SIGTERM would wait for clients
  while (readPostmaster(place.data)?.pid === postmaster.pid) await sleep(10)
}

async function inUse(place: Place): Promise<boolean> {
  const { db, close } = connect(urlOf(place, 'postgres'), { max: 1, name: 'sluice stop' })
  try {
    const [row] = await db.execute<{ others: number }>(
      sql`select count(*)::int as others from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()`,
    )
    return (row?.others ?? 0) > 0
  } catch {
    return false
  } finally {
    await close()
  }
}
