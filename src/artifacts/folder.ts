// Artifacts in a folder, each named by its sha256: written elsewhere in it, synced and renamed, so that a name is only ever
// seen with its whole content, whoever else puts the same at the same time. What is read is checked against its name.
import { createHash, randomUUID } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import type { ArtifactStore } from '../builds/ports.ts'
import { crashPoint } from '../crash-point.ts'
import { AppError } from '../errors.ts'

const digestPattern = /^[0-9a-f]{64}$/
const readOnly = 0o444
const unfinishedName = '.unfinished'
// Longer than any write takes: whoever began it is gone.
const abandonedMs = 60 * 60_000

export function createFolderStore(folder: string): ArtifactStore {
  const fileOf = (digest: string) => path.join(folder, digest.slice(0, 2), digest)
  const unfinished = path.join(folder, unfinishedName)
  let swept: Promise<void> | null = null
  const verified = createVerified()
  return {
    async put(content) {
      swept ??= removeAbandoned(unfinished, new Date())
      await swept
      const digest = digestOf(content)
      const file = fileOf(digest)
      if (await verified.holds(digest, file)) return digest
      // A damaged file does not count as stored: the whole one takes its place.
      const stored = await readIfThere(file)
      if (stored === null || digestOf(stored) !== digest) await writeWhole(unfinished, file, content)
      await verified.add(digest, file)
      return digest
    },
    async has(digest) {
      return digestPattern.test(digest) && verified.holds(digest, fileOf(digest))
    },
    async get(digest) {
      const content = digestPattern.test(digest) ? await readIfThere(fileOf(digest)) : null
      if (content === null) {
        throw new AppError('not_found', `Artifact ${digest} is not in ${folder}. Build its commit again.`)
      }
      if (digestOf(content) !== digest) {
        throw new AppError(
          'internal',
          `Artifact ${digest} in ${folder} is damaged: its content has another digest. Build its commit again.`,
        )
      }
      return content
    },
    async delete(digest) {
      if (digestPattern.test(digest)) await rm(fileOf(digest), { force: true })
    },
  }
}

const mostVerified = 20_000

/** Files that were found whole, for as long as they have not been touched: every push puts most of what the last one put. */
function createVerified() {
  const seen = new Map<string, string>()
  const stateOf = async (file: string) => {
    const found = await stat(file).catch(() => null)
    return found && [found.ino, found.size, found.mtimeMs, found.ctimeMs].join(' ')
  }
  return {
    async holds(digest: string, file: string): Promise<boolean> {
      const state = seen.get(digest)
      return state !== undefined && state === (await stateOf(file))
    },
    async add(digest: string, file: string): Promise<void> {
      const state = await stateOf(file)
      if (state === null) return
      if (seen.size >= mostVerified) seen.clear()
      seen.set(digest, state)
    },
  }
}

function digestOf(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}

async function readIfThere(file: string): Promise<Buffer | null> {
  try {
    return await readFile(file)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}

/** What killed processes left half written. */
async function removeAbandoned(unfinished: string, now: Date): Promise<void> {
  await mkdir(unfinished, { recursive: true })
  for (const name of await readdir(unfinished)) {
    const file = path.join(unfinished, name)
    const found = await stat(file).catch(() => null)
    if (found && now.getTime() - found.mtimeMs > abandonedMs) await rm(file, { force: true })
  }
}

async function writeWhole(unfinished: string, file: string, content: Uint8Array): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true })
  const aside = path.join(unfinished, randomUUID())
  try {
    const handle = await open(aside, 'wx', readOnly)
    try {
      await handle.writeFile(content)
      await handle.sync()
    } finally {
      await handle.close()
    }
    crashPoint('artifact.written')
    await rename(aside, file)
    await syncFolder(path.dirname(file))
  } catch (error) {
    await rm(aside, { force: true })
    throw error
  }
}

/** Without it the rename itself may be lost when the machine stops, while the database already names the digest. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
