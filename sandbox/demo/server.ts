// Sluice itself, as a process of its own, told where the local GitHub and Slack are by its ordinary settings.
import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import path from 'node:path'

export const checkout = path.resolve(import.meta.dirname, '../..')
const program = path.join(checkout, 'bin/sluice.js')

export interface SluiceProcess {
  url: string
  logFile: string
  /** Runs another command of the program with the same settings. */
  command(...args: string[]): { program: string; args: string[]; env: NodeJS.ProcessEnv }
  stop(): Promise<void>
}

export async function startSluice(
  dataDir: string,
  settings: Record<string, string>,
  port: number,
): Promise<SluiceProcess> {
  const own = { ...settings, SLUICE_DATA: dataDir, HOST: '127.0.0.1', PORT: String(port) }
  const env = { ...process.env, ...own, DATABASE_URL: '' }
  const logFile = path.join(dataDir, '..', 'sluice.log')
  const child = spawn(process.execPath, [program, 'start'], {
    cwd: checkout,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  child.stderr.pipe(createWriteStream(logFile, { flags: 'a' }))
  const url = await addressOf(child, logFile)
  return {
    url,
    logFile,
    command: (...args) => ({ program: process.execPath, args: [program, ...args], env }),
    stop: () => ended(child),
  }
}

function addressOf(child: ChildProcess, logFile: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = ''
    child.stdout?.on('data', chunk => {
      output += chunk
      const url = /Sluice is up at (\S+)/.exec(output)?.[1]
      if (url) resolve(url)
    })
    child.on('error', reject)
    child.on('exit', code => reject(new Error(`Sluice ended with ${code} before it was up; see ${logFile}`)))
  })
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise(resolve => {
    child.on('exit', () => resolve())
    child.kill('SIGTERM')
  })
}
