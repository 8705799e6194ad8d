// What "sluice login" keeps: servers with a key each, and which one is meant, in a file that its owner alone can read. It is
// written beside and renamed, so that nobody reads half of it.
import { randomBytes } from 'node:crypto'
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { AppError } from '../errors.ts'

const Kept = z.object({
  server: z.string().optional(),
  servers: z.record(z.string(), z.object({ key: z.string().optional(), environment: z.string().optional() })),
})
export type Kept = z.infer<typeof Kept>

/** Where this system keeps what programs are told. */
export function keptFile(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string {
  return path.join(configFolder(env, platform), 'sluice', 'config.json')
}

function configFolder(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string {
  if (env.XDG_CONFIG_HOME && path.isAbsolute(env.XDG_CONFIG_HOME)) return env.XDG_CONFIG_HOME
  const home = env.HOME ?? env.USERPROFILE ?? '.'
  if (platform === 'darwin') return path.join(home, 'Library', 'Application Support')
  if (platform === 'win32') return env.APPDATA ?? path.join(home, 'AppData', 'Roaming')
  return path.join(home, '.config')
}

/** @throws AppError `misconfigured` where the file is nothing we wrote, or others can read it. */
export async function readKept(file: string): Promise<Kept> {
  const text = await readFile(file, 'utf8').catch(error => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null
    throw new AppError('misconfigured', `${file} cannot be read (${error.code}).`)
  })
  if (text === null) return { servers: {} }
  await refuseShared(file)
  const parsed = Kept.safeParse(jsonOf(text))
  if (parsed.success) return parsed.data
  throw new AppError(
    'misconfigured',
    `${file} is not what "sluice login" writes. Remove it and log in again.`,
  )
}

async function refuseShared(file: string): Promise<void> {
  if (process.platform === 'win32') return
  const { mode } = await stat(file)
  if ((mode & 0o077) === 0) return
  throw new AppError('misconfigured', `${file} holds keys and can be read by others. Run: chmod 600 ${file}`)
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export async function writeKept(file: string, kept: Kept): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
  const beside = `${file}.${randomBytes(6).toString('hex')}`
  try {
    await writeFile(beside, `${JSON.stringify(kept, null, 2)}\n`, { mode: 0o600, flag: 'wx' })
    await rename(beside, file)
  } finally {
    await rm(beside, { force: true })
  }
}
