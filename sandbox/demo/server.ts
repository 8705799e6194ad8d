// Sluice itself, as a process of its own, told where the local GitHub and Slack are by its ordinary settings.
import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream, mkdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { findPlace } from '../../src/db/embedded/place.ts'

export const checkout = path.resolve(import.meta.dirname, '../..')
const program = path.join(checkout, 'bin/sluice.js')

export interface SluiceProcess {
  url: string
  pid: number
  logFile: string
  /** Resolves to the first match in what it printed or is going to print. */
  said(pattern: RegExp): Promise<RegExpExecArray>
  /** How another command of the program is run with the same settings. */
  command(...args: string[]): { program: string; args: string[]; env: NodeJS.ProcessEnv }
  /** Asks it to end with SIGTERM, or ends it with another signal. */
  stop(signal?: NodeJS.Signals): Promise<void>
}

export interface Start {
  dataDir: string
  settings: Record<string, string>
  args?: string[]
}

export async function startSluice({ dataDir, settings, args = [] }: Start): Promise<SluiceProcess> {
  mkdirSync(dataDir, { recursive: true })
  const own = { HOST: '127.0.0.1', PORT: '0', DATABASE_URL: '', ...settings, SLUICE_DATA: dataDir }
  const env = { ...process.env, ...own }
  const logFile = path.join(dataDir, 'sluice.log')
  const child = spawn(process.execPath, [program, 'start', ...args], {
    cwd: checkout,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  child.stderr.pipe(createWriteStream(logFile, { flags: 'a' }))
  const said = listenTo(child, logFile)
  const [, url = ''] = await said(/Sluice is up at (\S+)/)
  return {
    url,
    pid: child.pid ?? 0,
    logFile,
    said,
    command: (...more) => ({ program: process.execPath, args: [program, ...more], env }),
    stop: (signal = 'SIGTERM') => ended(child, signal),
  }
}

function listenTo(child: ChildProcess, logFile: string): SluiceProcess['said'] {
  let output = ''
  child.stdout?.on('data', chunk => (output += chunk))
  return pattern =>
    new Promise((resolve, reject) => {
      const look = () => {
        const match = pattern.exec(output)
        if (match) resolve(match)
      }
      child.stdout?.on('data', look)
      child.on('error', reject)
      child.on('exit', code =>
        reject(new Error(`Sluice ended with ${code} before it said ${pattern}; see ${logFile}`)),
      )
      look()
    })
}

function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise(resolve => {
    child.on('exit', () => resolve())
    child.kill(signal)
  })
}

/** Removes what it kept: also the database, which lives elsewhere when its user could not reach a private folder. */
export async function removeData(dataDir: string): Promise<void> {
  const { data } = findPlace(dataDir)
  for (const one of [data, `${data}.log`, dataDir]) await rm(one, { recursive: true, force: true })
}
