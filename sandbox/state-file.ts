// One JSON file that outlives the process: read at start, written shortly after changes, always by renaming a
// complete file over the old one, so a crash leaves either the old or the new world, never half of one.
import { readFileSync, renameSync, writeFileSync } from 'node:fs'

export type StateFile = {
  /** Remember to write soon. Many calls become one write. */
  save(): void
  /** Write now. */
  flush(): void
}

export function readState<T>(path: string): T | null {
  try {
    // Written by this module; a file that is not ours fails loudly in the code that reads its fields.
    return JSON.parse(readFileSync(path, 'utf8')) as T
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}

export function stateFile(path: string, state: () => unknown): StateFile {
  let timer: NodeJS.Timeout | null = null
  const flush = () => {
    if (timer) clearTimeout(timer)
    timer = null
    writeFileSync(`${path}.next`, JSON.stringify(state()), { mode: 0o600 })
    renameSync(`${path}.next`, path)
  }
  return {
    flush,
    save() {
      timer ??= setTimeout(flush, 100).unref()
    },
  }
}
