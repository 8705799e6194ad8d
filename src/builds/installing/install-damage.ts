// Whether a cached install still is what was installed. Every build that uses one asks, while it goes on: what the file system
// says of the files is compared, and only where that differs are they read. They are also read when that was done long ago,
// for what a disk loses without a word, and sooner after a failure, before the author of the code is told of it.
import { dropInstall, type Install, noteLook, readContents, readLook } from './install-cache.ts'
import type { Contents } from './tree-thread.ts'
import { lookThrough } from './tree-threads.ts'

const dayMs = 24 * 60 * 60_000
export const afterFailureMs = 10 * 60_000

/** What is wrong with it, in words; null: nothing. A damaged one is removed. `unreadMs`: what was read longer ago is read. */
export async function findDamage(
  install: Install,
  signal: AbortSignal,
  unreadMs = dayMs,
  now = new Date(),
): Promise<string | null> {
  const damage = await compare(install, signal, unreadMs, now)
  if (damage !== null) await dropInstall(install)
  return damage
}

async function compare(
  { entry, tree }: Install,
  signal: AbortSignal,
  unreadMs: number,
  now: Date,
): Promise<string | null> {
  try {
    const noted = await readLook(entry)
    const isRead = now.getTime() - noted.readAt < unreadMs
    if (isRead && (await lookThrough({ tree, read: false }, signal)).state === noted.state) return null
    const { state, contents } = await lookThrough({ tree, read: true }, signal)
    const difference = firstDifference(await readContents(entry), contents)
    // Files that were moved to another disk, or put back from a backup, hold what they did.
    if (difference === null) await noteLook(entry, { state, readAt: now.getTime() })
    return difference
  } catch (error) {
    signal.throwIfAborted()
    return `it cannot be read (${error instanceof Error && 'code' in error ? error.code : 'its notes are damaged'})`
  }
}

export function firstDifference(noted: Contents, found: Contents): string | null {
  for (const [file, content] of noted) {
    if (!found.has(file)) return `${file} is gone`
    if (found.get(file) !== content) return `${file} is not as it was installed`
  }
  const added = found.keys().find(file => !noted.has(file))
  return added === undefined ? null : `${added} was not installed`
}
