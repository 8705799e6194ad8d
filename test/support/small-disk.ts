// A disk that can be full: a small tmpfs of its own, where this machine lets us mount one, and a file that takes what is left.
import { execFileSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'

export interface SmallDisk {
  folder: string
  /** Nothing more can be written, until `free`. */
  fill(): void
  free(): void
  remove(): void
}

/** `uid`: who owns its folder. */
export function mountSmallDisk(megabytes: number, uid = process.getuid?.() ?? 0): SmallDisk {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'small-disk-'))
  const options = `size=${megabytes}m,mode=0700,uid=${uid}`
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder], { stdio: 'ignore' })
  const filler = path.join(folder, 'filler')
  return {
    folder,
    fill() {
      const file = openSync(filler, 'a')
      try {
        for (;;) writeSync(file, Buffer.alloc(4_096, 1))
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
      } finally {
        closeSync(file)
      }
    },
    free: () => rmSync(filler, { force: true }),
    remove() {
      execFileSync('umount', ['--lazy', folder], { stdio: 'ignore' })
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export function mayMount(): boolean {
  try {
    mountSmallDisk(1).remove()
    return true
  } catch {
    return false
  }
}
