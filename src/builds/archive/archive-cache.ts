// Archives of commits, kept on this machine: many environments of one commit share one download, and a commit that is built
// again needs none. Branches and pull requests share them too: what a sha names is the same bytes for all, and an archive is
// only read. A file is written aside and renamed; a build holds it by a link of its own, so eviction takes nothing away.
import { createHash, randomUUID } from 'node:crypto'
import { copyFile, link, mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises'
import path from 'node:path'
import { chooseEvicted, protectedMs } from '../installing/install-eviction.ts'
import type { RepositoryRef, Source } from '../ports.ts'

export interface Wanted {
  /** Whose build asks: what it could read once, it alone gets again, whatever was granted to others. */
  owner: number
  repository: RepositoryRef
  sha: string
}

export interface Archives {
  /** Puts the commit's archive into the new file `to`. Aborting one does not end a download that others wait for. */
  fetch(wanted: Wanted, to: string, signal: AbortSignal): Promise<void>
  /** It turned out to be damaged. */
  forget(wanted: Wanted): Promise<void>
}

interface Download {
  done: Promise<void>
  waiting: number
  stop: AbortController
}

export const maxArchiveBytes = 5_000_000_000

export function createArchives(
  folder: string,
  source: Pick<Source, 'tarball'>,
  maxBytes = maxArchiveBytes,
): Archives {
  const underWay = new Map<string, Download>()

  async function download({ repository, sha }: Wanted, file: string, signal: AbortSignal): Promise<void> {
    const aside = path.join(folder, `.${randomUUID()}`)
    try {
      await source.tarball(repository, sha, aside, signal)
      await rename(aside, file)
    } finally {
      await rm(aside, { force: true })
    }
    await evict(folder, maxBytes, new Date())
  }

  function share(wanted: Wanted, file: string): Download {
    const known = underWay.get(file)
    if (known) return known
    const stop = new AbortController()
    const done = download(wanted, file, stop.signal)
    const started = { done, waiting: 0, stop }
    underWay.set(file, started)
    const end = () => underWay.get(file) === started && underWay.delete(file)
    done.then(end, end) // those who wait hear how it ended
    return started
  }

  async function downloadTogether(wanted: Wanted, file: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const shared = share(wanted, file)
    shared.waiting += 1
    try {
      await unlessAborted(shared.done, signal)
    } finally {
      shared.waiting -= 1
      if (shared.waiting === 0) {
        shared.stop.abort(signal.reason)
        if (signal.aborted) underWay.delete(file) // whoever comes now begins anew
      }
    }
  }

  const fileOf = (wanted: Wanted) => path.join(folder, nameOf(wanted))
  return {
    async fetch(wanted, to, signal) {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const file = fileOf(wanted)
      if (await take(file, to)) return
      await downloadTogether(wanted, file, signal)
      if (await take(file, to)) return
      throw new Error(`the archive of ${wanted.sha} was removed as soon as it was there`)
    },
    forget: wanted => rm(fileOf(wanted), { force: true }),
  }
}

function nameOf({ owner, repository, sha }: Wanted): string {
  const other = repository.id === owner ? null : `${repository.owner}/${repository.name}`.toLowerCase()
  return createHash('sha256')
    .update(JSON.stringify([owner, other, sha]))
    .digest('hex')
}

function unlessAborted(done: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    done.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

/** Resolves to whether it was there; notes that it was of use. */
async function take(file: string, to: string): Promise<boolean> {
  try {
    const now = new Date()
    await utimes(file, now, now)
    await linkOrCopy(file, to)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false
    throw error
  }
}

async function linkOrCopy(file: string, to: string): Promise<void> {
  try {
    await link(file, to)
  } catch (error) {
    // Some file systems know no links.
    const code = error instanceof Error && 'code' in error ? error.code : null
    if (code !== 'EPERM' && code !== 'EXDEV' && code !== 'ENOTSUP') throw error
    await copyFile(file, to)
  }
}

/** Those used least recently go first, and what killed processes left half written. */
async function evict(folder: string, maxBytes: number, now: Date): Promise<void> {
  const found = await Promise.all(
    (await readdir(folder)).map(async key => {
      const entry = await stat(path.join(folder, key)).catch(() => null)
      return entry && { key, bytes: entry.size, usedAt: entry.mtime }
    }),
  )
  const entries = found.filter(entry => entry !== null)
  const left = entries.filter(
    ({ key, usedAt }) => key.startsWith('.') && now.getTime() - usedAt.getTime() > protectedMs,
  )
  const whole = entries.filter(({ key }) => !key.startsWith('.'))
  // A build that uses one has its own link to it: even the newest may go.
  const evicted = chooseEvicted(whole, now, maxBytes, 0)
  for (const key of [...left.map(one => one.key), ...evicted])
    await rm(path.join(folder, key), { force: true })
}
