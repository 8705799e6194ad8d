// The processes of this machine, as /proc tells: who descends from whom, and who belongs to a run.
import { readdirSync, readFileSync } from 'node:fs'

interface Running {
  pid: number
  parent: number
  command: string
}

function all(): Running[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .flatMap(name => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
        const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
        if (state === 'Z') return []
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ')
        return [{ pid: Number(name), parent: Number(parent), command }]
      } catch {
        return [] // it has ended meanwhile
      }
    })
}

/** Itself and all that descend from it, the oldest first. */
export function treeOf(pid: number): number[] {
  const running = all()
  const found = [pid]
  for (const parent of found) found.push(...running.filter(one => one.parent === parent).map(one => one.pid))
  return found
}

/** Commands that name the folder of a run, but for ourselves and PostgreSQL. */
export function leftIn(folder: string): string[] {
  return all()
    .filter(one => one.pid !== process.pid && one.command.includes(folder) && !/postgres/.test(one.command))
    .map(one => `${one.pid} ${one.command.slice(0, 200)}`)
}

export function signal(pids: readonly number[], name: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name)
    } catch {
      // it has ended
    }
  }
}
