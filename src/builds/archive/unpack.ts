// Unpacks an archive: node-tar reads, entries.ts decides, files are made here, each new and never through a link,
// because links are made last. (node-tar's own writing is not used: what it guards against cannot occur this way, and
// synchronous writes are six times as fast as its asynchronous ones.) Holds up whoever calls it: unpack-thread.ts does.
import { closeSync, constants, createReadStream, mkdirSync, openSync, symlinkSync, writeSync } from 'node:fs'
import path from 'node:path'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { Parser, type ReadEntry } from 'tar'
import { messageOf } from '../../errors.ts'
import { isPointer, maxPointerBytes } from '../lfs.ts'
import { emptyInventory, type Limits, type Packer, planEntry, refuseLinks } from './entries.ts'
import type { Refusal, RefusalCode } from './refusals.ts'

export interface Unpacking {
  archive: string
  to: string
  limits: Limits
  compression: 'gzip' | 'zstd'
  packer: Packer
}

export type Unpacked =
  | { kind: 'unpacked'; files: number; entries: number; bytes: number; pointers: string[] }
  /** The archive is not one we write down. */
  | ({ kind: 'refused' } & Refusal)
  /** It cannot be read to its end: the download is damaged. */
  | { kind: 'damaged'; reason: string }

class Refused extends Error {
  readonly code: RefusalCode

  constructor({ code, reason }: Refusal) {
    super(reason)
    this.code = code
  }
}

const newFile = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW

/** @throws what the file system throws. */
export async function unpack(unpacking: Unpacking): Promise<Unpacked> {
  return unpackAll(unpacking).catch(describe)
}

async function unpackAll({ archive, to, limits, compression, packer }: Unpacking): Promise<Unpacked> {
  const inventory = emptyInventory(packer)
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
    const { type, linkpath } = entry
    const size = entry.header.size ?? Number.NaN // what is no number is taken for none by node-tar
    const executable = ((entry.mode ?? 0) & 0o111) !== 0
    const plan = planEntry(inventory, { type, path: String(entry.path), linkpath, size, executable }, limits)
    if (plan.kind === 'refused') throw new Refused(plan)
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
  parser.on('meta', refuseMeta)
  parser.on('ignoredEntry', (entry: ReadEntry) => {
    throw new Refused({
      code: 'special_file',
      reason: `"${entry.path}" is of a kind we do not know (${entry.type})`,
    })
  })
  await readArchive(archive, compression, limits, chunk => parser.write(chunk))
  parser.end()
  const refusal = refuseLinks(inventory)
  if (refusal) throw new Refused(refusal)
  for (const link of links) {
    makeFolder(path.dirname(link.path))
    symlinkSync(link.target, path.join(to, link.path))
  }
  return { kind: 'unpacked', files, entries: inventory.entries, bytes: inventory.bytes, pointers }
}

/** What a header says of the member after it. node-tar reads a value up to its first NUL: others would read on. */
function refuseMeta(text: string): void {
  if (/^\d+ [^=\0]*=/.test(text) && text.includes('\0'))
    throw new Refused({ code: 'header', reason: 'a header holds a NUL character' })
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
    if (read === 0 && isCompressed(chunk))
      throw new Refused({ code: 'compressed_twice', reason: 'it is compressed twice' })
    read += chunk.length
    if (read > most)
      throw new Refused({ code: 'unpacks_too_large', reason: `it unpacks to more than ${most} bytes` })
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
  if (error instanceof Refused) return { kind: 'refused', code: error.code, reason: error.message }
  const reason = messageOf(error)
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code.startsWith('Z_') || code.startsWith('ZSTD_') || code === 'TAR_BAD_ARCHIVE')
    return { kind: 'damaged', reason }
  if (code.startsWith('TAR_')) return { kind: 'refused', code: 'header', reason }
  if (code === 'EEXIST') return { kind: 'refused', code: 'name_twice', reason }
  if (code === 'ENAMETOOLONG') return { kind: 'refused', code: 'path_too_long', reason }
  throw error
}
