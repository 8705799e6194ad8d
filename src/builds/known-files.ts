// What files of the caches hold, as digests: read once, and again only after the file system says that a file has changed. Most
// of what a push looks at is what the push before has looked at.
import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'

const mostKnown = 50_000
const known = new Map<string, string>()

/** sha256, hex. The time of the last change is one that no program can set. @throws when the file cannot be read. */
export async function digestOfFile(file: string, now = Date.now()): Promise<string> {
  const { dev, ino, size, mtimeMs, ctimeMs } = await stat(file)
  const state = [dev, ino, size, mtimeMs, ctimeMs].join(' ')
  const before = known.get(state)
  if (before !== undefined) return before
  const digest = createHash('sha256')
    .update(await readFile(file))
    .digest('hex')
  if (known.size >= mostKnown) known.clear()
  // Of one that is written at this moment the times may not tell the two contents apart.
  if (now - Math.max(mtimeMs, ctimeMs) > settledMs) known.set(state, digest)
  return digest
}

const settledMs = 2_000
