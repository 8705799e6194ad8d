// What package managers download, kept for the next install: for each trust domain (install-plan.ts) apart, because a project
// says in its settings how registries are reached, and so what its manager puts there under a package's name. A domain's
// folder goes as a whole, before an install that would use it, so that it never goes while one does.
import { mkdir, readFile, stat, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { usedBytes } from '../processes/disk-use.ts'
import { evictLeastUsed } from './install-eviction.ts'

export const maxDownloadBytes = 5_000_000_000
const noteName = 'bytes'

/** Resolves to the domain's folder. */
export async function takeDownloads(
  downloads: string,
  domain: string,
  now: Date,
  maxBytes = maxDownloadBytes,
): Promise<string> {
  const isEntry = (name: string) => !name.endsWith('.old')
  await evictLeastUsed({ folder: downloads, isEntry, usedAtOf, bytesOf }, now, maxBytes)
  const entry = path.join(downloads, domain.replaceAll(' ', '-'))
  await mkdir(entry, { recursive: true, mode: 0o700 })
  await writeFile(path.join(entry, noteName), '', { flag: 'a' })
  await utimes(path.join(entry, noteName), now, now)
  return entry
}

/** After an install. */
export async function noteDownloads(entry: string): Promise<void> {
  await writeFile(path.join(entry, noteName), String(await usedBytes([entry])))
}

async function usedAtOf(entry: string): Promise<Date | null> {
  return (await stat(path.join(entry, noteName)).catch(() => null))?.mtime ?? null
}

async function bytesOf(entry: string): Promise<number> {
  return Number(await readFile(path.join(entry, noteName), 'utf8').catch(() => '0'))
}
