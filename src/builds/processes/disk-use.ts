// Watches how much of the disk a build uses, and says when it is too much. Counting files is dear and how much of the disk is
// free is not: they are counted when that has shrunk by a part of what the build may use, whoever used it.
import { execFile } from 'node:child_process'
import { statfs } from 'node:fs/promises'
import path from 'node:path'

const lookEveryMs = 200
// Of what may be used: how much may go unseen between two counts.
const part = 1 / 16

/** Returns what stops watching. Folders within others of the list count once. */
export function watchDisk(folders: readonly string[], maxBytes: number, over: () => void): () => void {
  const outer = folders.filter(
    folder => !folders.some(other => other !== folder && folder.startsWith(other + path.sep)),
  )
  const [first = '/'] = outer
  const state = { stopped: false, free: 0, timer: setTimeout(look, 0) }
  async function look(): Promise<void> {
    const free = await freeBytes(first)
    if (state.stopped) return
    if (state.free === 0) state.free = free
    if (state.free - free > maxBytes * part) {
      state.free = free
      const used = await usedBytes(outer)
      if (!state.stopped && used > maxBytes) return over()
    }
    if (!state.stopped) state.timer = setTimeout(() => void look().catch(() => {}), lookEveryMs)
  }
  return () => {
    state.stopped = true
    clearTimeout(state.timer)
  }
}

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}

/** du counts ten thousands of files faster than we do; what disappears meanwhile it complains about, and counts the rest. */
export function usedBytes(folders: readonly string[]): Promise<number> {
  return new Promise(resolve => {
    execFile('du', ['-sk', '--', ...folders], { maxBuffer: 10_000_000 }, (_error, output) => {
      const sizes = output.split('\n').map(line => Number.parseInt(line, 10) || 0)
      resolve(1_024 * sizes.reduce((sum, size) => sum + size, 0))
    })
  })
}
