// The thread that unpacks: node-tar reads, entries.ts decides, files are made here, each new and never through a link,
// because links are made last. (node-tar's own writing is not used: what it guards against cannot occur this way, and
// synchronous writes are six times as fast as its asynchronous ones.) Posts one message: how it went.
import { closeSync, constants, createReadStream, mkdirSync, openSync, symlinkSync, writeSync } from 'node:fs'
import path from 'node:path'
import { parentPort } from 'node:worker_threads'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { Parser, type ReadEntry } from 'tar'
import { messageOf } from '../../errors.ts'
import { isPointer, maxPointerBytes } from '../lfs.ts'
import { emptyInventory, type Limits, planEntry, refuseLinks } from './entries.ts'

export interface Unpacking {
  archive: string
  to: string
  limits: Limits
  compression: 'gzip' | 'zstd'
}

export type Unpacked =
  | { kind: 'unpacked'; files: number; entries: number; bytes: number; pointers: string[] }
  /** The archive is not one we write down. */
  | { kind: 'refused'; reason: string }
  /** It cannot be read to its end: the download is damaged. */
  | { kind: 'damaged'; reason: string }

class Refusal extends Error {}

const newFile = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW

async function unpack({ archive, to, limits, compression }: Unpacking): Promise<Unpacked> {
  const inventory = emptyInventory()
  const links: { path: string; target: string }[] = []
  const made = new Set(['.'])
  const pointers: string[] = []
  let files = 0

  function makeFolder(folder: string): void {
    if (made.has(folder)) return
    makeFolder(path.dirname(folder))
    mkdirSync(path.join(to, folder))
    made.add(folder)
  }

  function take(entry: ReadEntry): void {
    const { type, size, linkpath } = entry
    const executable = ((entry.mode ?? 0) & 0o111) !== 0
    const plan = planEntry(inventory, { type, path: String(entry.path), linkpath, size, executable }, limits)
    if (plan.kind === 'refused') throw new Refusal(plan.reason)
    if (plan.kind === 'folder') makeFolder(plan.path)
    if (plan.kind === 'link') links.push(plan)
    if (plan.kind === 'file') {
      makeFolder(path.dirname(plan.path))
      writeFile(path.join(to, plan.path), plan.executable, entry)
      if (entry.size < maxPointerBytes) findPointer(entry, () => pointers.push(plan.path))
      files += 1
    }
    entry.resume()
  }

  const parser = new Parser({ strict: true, onReadEntry: take })
  parser.on('ignoredEntry', (entry: ReadEntry) => {
    throw new Refusal(`"${entry.path}" is of a kind we do not know (${entry.type})`)
  })
  await readArchive(archive, compression, limits, chunk => parser.write(chunk))
  parser.end()
  const reason = refuseLinks(inventory)
  if (reason) throw new Refusal(reason)
  for (const link of links) {
    makeFolder(path.dirname(link.path))
    symlinkSync(link.target, path.join(to, link.path))
  }
  return { kind: 'unpacked', files, entries: inventory.entries, bytes: inventory.bytes, pointers }
}

/** The bytes inside, in pieces, so that a bomb is noticed by its size and not by the memory it takes. */
async function readArchive(
  archive: string,
  compression: Unpacking['compression'],
  limits: Limits,
  write: (chunk: Buffer) => unknown,
): Promise<void> {
  // Headers and padding come on top of what the entries say of themselves.
  const most = limits.unpackedBytes + limits.entries * 2_048
  const bytes = createReadStream(archive)
  const inside = compression === 'gzip' ? createGunzip() : createZstdDecompress()
  bytes.once('error', error => inside.destroy(error))
  let read = 0
  for await (const chunk of bytes.pipe(inside)) {
    // A second compression inside the first would be unpacked by node-tar, past our count.
    if (read === 0 && isCompressed(chunk)) throw new Refusal('it is compressed twice')
    read += chunk.length
    if (read > most) throw new Refusal(`it unpacks to more than ${most} bytes`)
    write(chunk)
  }
}

function isCompressed(chunk: Buffer): boolean {
  const head = chunk.subarray(0, 4).toString('hex')
  return chunk.length < 4 || head.startsWith('1f8b') || head === '28b52ffd'
}

function writeFile(file: string, executable: boolean, entry: ReadEntry): void {
  const descriptor = openSync(file, newFile, executable ? 0o755 : 0o644)
  entry.on('data', (chunk: Buffer) => {
    for (let written = 0; written < chunk.length; ) written += writeSync(descriptor, chunk, written)
  })
  entry.once('end', () => closeSync(descriptor))
}

function findPointer(entry: ReadEntry, found: () => void): void {
  const chunks: Buffer[] = []
  entry.on('data', (chunk: Buffer) => chunks.push(chunk))
  entry.once('end', () => isPointer(Buffer.concat(chunks)) && found())
}

function describe(error: unknown): Unpacked {
  if (error instanceof Refusal) return { kind: 'refused', reason: error.message }
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code.startsWith('Z_') || code.startsWith('ZSTD_') || code === 'TAR_BAD_ARCHIVE')
    return { kind: 'damaged', reason: messageOf(error) }
  if (code.startsWith('TAR_') || code === 'EEXIST' || code === 'ENAMETOOLONG')
    return { kind: 'refused', reason: messageOf(error) }
  throw error
}

parentPort?.once('message', async (unpacking: Unpacking) => {
  parentPort?.postMessage(await unpack(unpacking).catch(describe))
})
