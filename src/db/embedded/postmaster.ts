// What postmaster.pid tells about a PostgreSQL in a data folder, and whether that process is really alive: a recorded pid
// may belong to somebody else by now, or be a zombie that nobody reaps (RUNTIME.md section 5).
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { isRunning } from '../../is-running.ts'

export interface Postmaster {
  pid: number
  ready: boolean
}

export function readPostmaster(data: string): Postmaster | null {
  try {
    const lines = readFileSync(path.join(data, 'postmaster.pid'), 'utf8').split('\n')
    const pid = Number(lines[0])
    return isPostgres(pid) ? { pid, ready: lines[7]?.trim() === 'ready' } : null
  } catch {
    return null
  }
}

function isPostgres(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 1 || !isRunning(pid)) return false
  if (process.platform !== 'linux') return true
  try {
    const state = /\) (\w) /.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1]
    const program = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[0] ?? ''
    return state !== 'Z' && path.basename(program) === 'postgres'
  } catch {
    return false
  }
}
