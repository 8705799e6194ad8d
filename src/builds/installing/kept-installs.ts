// Installs in the artifact store, for builders on other machines. One is packed after the build that made it, behind
// everything else; its parts are put first and named by a row then, so that half of one is never used. What is read is
// checked: the store knows a part by its digest, and what comes out is unpacked by the rules for archives of strangers.
import { open, rm } from 'node:fs/promises'
import path from 'node:path'
import type { Db } from '../../db/client.ts'
import { messageOf } from '../../errors.ts'
import type { Log } from '../../log.ts'
import type { ArtifactStore } from '../ports.ts'
import { type Install, readContents } from './install-cache.ts'
import { findDamage } from './install-damage.ts'
import { chooseEvicted } from './install-eviction.ts'
import { deleteKept, findKept, insertKept, listKept } from './kept-store.ts'
import { pack } from './tree-threads.ts'

export interface KeptInstalls {
  /** Writes the packed install into the file `to`; false: there is none. @throws when it cannot be read. */
  fetch(key: string, to: string): Promise<boolean>
  /** It turned out to be damaged. */
  forget(key: string): Promise<void>
  /** Keeps it when there is time. */
  keep(install: Install): void
  /** Resolves when nothing is being kept any more. */
  idle(): Promise<void>
  stop(): Promise<void>
}

export const maxKeptBytes = 20_000_000_000
// Of one, packed.
const maxPackedBytes = 1_000_000_000
const unusedMs = 30 * 24 * 60 * 60_000
const partBytes = 16 * 1_048_576

interface Needs {
  db: Db
  artifacts: ArtifactStore
  log: Log
  maxBytes?: number
}

export function createKeptInstalls({ db, artifacts, log, maxBytes = maxKeptBytes }: Needs): KeptInstalls {
  const stopping = new AbortController()
  const settled = new Set<string>() // kept, or not to be
  let last: Promise<void> = Promise.resolve()

  async function remove(key: string): Promise<void> {
    for (const part of await db.transaction(tx => deleteKept(tx, key))) await artifacts.delete(part)
  }

  async function evict(now: Date): Promise<void> {
    const entries = await listKept(db)
    const unused = entries.filter(({ usedAt }) => now.getTime() - usedAt.getTime() > unusedMs)
    const evicted = new Set([...unused.map(({ key }) => key), ...chooseEvicted(entries, now, maxBytes)])
    for (const key of evicted) await remove(key)
  }

  async function keepOne(install: Install, key: string): Promise<void> {
    const { signal } = stopping
    const sayNotKept = (why: string) =>
      log.info({ install: key }, `dependencies are not kept for others: ${why}`)
    if ((await findKept(db, key)) !== null) return
    const archive = path.join(path.dirname(install.entry), `.${key}.${crypto.randomUUID()}.tar.zst`)
    try {
      const { entry, tree } = install
      const contents = await readContents(entry)
      const packing = { folder: entry, name: path.basename(tree), contents, to: archive }
      const { refused } = await pack(packing, signal)
      if (refused !== null) return sayNotKept(refused)
      // What was packed is what was installed.
      const damage = await findDamage(install, signal)
      if (damage !== null) throw new Error(`they are damaged: ${damage}`)
      const kept = await putParts(archive, artifacts, signal)
      if (kept === null) return sayNotKept('they are too large')
      await insertKept(db, key, kept)
      await evict(new Date())
    } finally {
      await rm(archive, { force: true })
    }
  }

  return {
    async fetch(key, to) {
      const kept = await findKept(db, key)
      if (kept === null) return false
      const file = await open(to, 'wx')
      try {
        for (const part of kept.parts) await file.writeFile(await artifacts.get(part))
      } finally {
        await file.close()
      }
      return true
    },
    async forget(key) {
      settled.delete(key)
      await remove(key)
    },
    keep(install) {
      const key = path.basename(install.entry)
      if (settled.has(key) || stopping.signal.aborted) return
      settled.add(key)
      last = last
        .then(() => keepOne(install, key))
        .catch(error => {
          settled.delete(key)
          if (!stopping.signal.aborted)
            log.warn({ error, install: key }, `dependencies were not kept for others: ${messageOf(error)}`)
        })
    },
    idle: () => last,
    async stop() {
      stopping.abort(new Error('the builder stops'))
      await last
    },
  }
}

/** Null: it is too large. */
async function putParts(archive: string, artifacts: ArtifactStore, signal: AbortSignal) {
  const file = await open(archive)
  try {
    const { size } = await file.stat()
    if (size > maxPackedBytes) return null
    const parts: string[] = []
    for (let from = 0; from < size; from += partBytes) {
      signal.throwIfAborted()
      const part = Buffer.alloc(Math.min(partBytes, size - from))
      await file.read(part, 0, part.length, from)
      parts.push(await artifacts.put(part))
    }
    return { parts, bytes: size }
  } finally {
    await file.close()
  }
}
