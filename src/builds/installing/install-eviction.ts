// Keeps what outlives builds below its size: what was used least recently goes first, and nothing that a build may be using.
import { readdir, rename, stat } from 'node:fs/promises'
import path from 'node:path'
import { removeFolder } from '../folders.ts'
import { usedBytes } from '../processes/disk-use.ts'
import { bundledName, readInstallSize, usedAtOf } from './install-cache.ts'

export interface Entry {
  key: string
  bytes: number
  usedAt: Date
}

export const maxInstallBytes = 10_000_000_000
// Longer than any build may take: whoever uses an install took it (which is noted) at its build's begin.
export const protectedMs = 60 * 60_000

/** The keys to remove so that the rest fits: fewer where too much is in use. */
export function chooseEvicted(
  entries: Entry[],
  now: Date,
  maxBytes: number,
  unusedMs = protectedMs,
): string[] {
  const total = entries.reduce((sum, { bytes }) => sum + bytes, 0)
  const oldestFirst = entries
    .filter(({ usedAt }) => now.getTime() - usedAt.getTime() >= unusedMs)
    .sort((a, b) => a.usedAt.getTime() - b.usedAt.getTime())
  const excess = { bytes: total - maxBytes }
  return oldestFirst
    .filter(({ bytes }) => {
      if (excess.bytes <= 0) return false
      excess.bytes -= bytes
      return true
    })
    .map(({ key }) => key)
}

/** A folder of entries, each a folder. */
export interface Cache {
  folder: string
  isEntry(name: string): boolean
  /** Null: it is not whole. */
  usedAtOf(entry: string): Promise<Date | null>
  bytesOf(entry: string): Promise<number>
}

/** Resolves to the keys that were removed. */
export function evictInstalls(installs: string, now: Date, maxBytes = maxInstallBytes): Promise<string[]> {
  const isEntry = (name: string) => /^[0-9a-f]{64}$/.test(name)
  return evictLeastUsed({ folder: installs, isEntry, usedAtOf, bytesOf }, now, maxBytes)
}

/** What is bundled of its packages comes later, with each build that asks for others. */
async function bytesOf(entry: string): Promise<number> {
  return (await readInstallSize(entry)) + (await usedBytes([path.join(entry, bundledName)]))
}

/** Resolves to the names that were removed. */
export async function evictLeastUsed(cache: Cache, now: Date, maxBytes: number): Promise<string[]> {
  const entries = await listEntries(cache)
  const usedAt = new Map(entries.map(entry => [entry.key, entry.usedAt]))
  const removed: string[] = []
  for (const key of chooseEvicted(entries, now, maxBytes))
    if (await remove(cache, path.join(cache.folder, key), usedAt.get(key))) removed.push(key)
  return removed
}

async function listEntries({ folder, isEntry, usedAtOf, bytesOf }: Cache): Promise<Entry[]> {
  const keys = (await readdir(folder)).filter(isEntry)
  const entries = await Promise.all(
    keys.map(async key => {
      const entry = path.join(folder, key)
      // What is not whole nobody can use; what is still being made has another name.
      const usedAt = (await usedAtOf(entry)) ?? (await stat(entry).catch(() => null))?.mtime
      return usedAt && { key, bytes: await bytesOf(entry), usedAt }
    }),
  )
  return entries.filter(entry => entry !== undefined)
}

/** Another process may take it at this moment: it notes that first, so it is seen once nobody can take it any more. */
async function remove({ usedAtOf }: Cache, entry: string, usedAt: Date | undefined): Promise<boolean> {
  const old = `${entry}.${crypto.randomUUID()}.old`
  try {
    await rename(entry, old)
  } catch {
    return false // somebody else removed it
  }
  const since = await usedAtOf(old)
  if (since && usedAt && since > usedAt) {
    await rename(old, entry).catch(() => removeFolder(old)) // made again meanwhile
    return false
  }
  await removeFolder(old)
  return true
}
