// Ends processes by what their environment holds, wherever they moved themselves: the way that needs no right and no
// namespace. One that changed its environment is not found. Linux only; elsewhere it finds none.
import { readdir, readFile } from 'node:fs/promises'

// Between looking and killing, one may start another.
const maxRounds = 10

export async function endMarked(mark: string): Promise<void> {
  for (let round = 0; round < maxRounds; round++) {
    const found = await findMarked(mark)
    if (found.length === 0) return
    for (const pid of found) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // it is gone
      }
    }
  }
}

/** Never our own process, which may have been started with the mark. */
export async function findMarked(mark: string): Promise<number[]> {
  const entries = await readdir('/proc').catch(() => [])
  const pids = entries.map(Number).filter(pid => Number.isInteger(pid) && pid !== process.pid)
  const marked = await Promise.all(
    pids.map(async pid => {
      const environment = await readFile(`/proc/${pid}/environ`).catch(() => null)
      return environment?.includes(mark) ? pid : null
    }),
  )
  return marked.filter(pid => pid !== null)
}
