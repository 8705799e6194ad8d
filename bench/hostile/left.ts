// What hostile builds left: how they ended, what still runs of theirs, what still lies in the builder's folder.
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { daemonName } from './projects.ts'

export interface Left {
  processes: number
  folders: number
}

const lookMs = 100
const patienceMs = 30_000

/** Given a while: a superseded build hears of it within a second, and gigabytes take a moment to be removed. */
export async function findLeft(dataDir: string): Promise<Left> {
  for (let waited = 0; ; waited += lookMs) {
    const folders = (await readdir(path.join(dataDir, 'builds'))).length
    const left = { processes: await countDaemons(), folders }
    if ((left.processes === 0 && folders === 0) || waited > patienceMs) return left
    await sleep(lookMs)
  }
}

async function countDaemons(): Promise<number> {
  const pids = (await readdir('/proc').catch(() => [])).filter(name => /^\d+$/.test(name))
  const lines = await Promise.all(pids.map(pid => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')))
  return lines.filter(line => line.includes(daemonName)).length
}
