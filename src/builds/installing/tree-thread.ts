// The thread that looks through an installed tree: ten thousands of files would hold up the process. `state` is made of what
// the file system says of each file, as git's index is: the time of its last change among it, which no program can set. It
// is another one after anything was written, added or removed. `contents` is what the files hold. Answers each message with one.
import { createHash } from 'node:crypto'
import { closeSync, lstatSync, openSync, readdirSync, readlinkSync, readSync, type Stats } from 'node:fs'
import { parentPort } from 'node:worker_threads'

export interface Look {
  tree: string
  /** Reads every file. */
  read: boolean
}

/** By path: the kind, and what tells the content. */
export type Contents = ReadonlyMap<string, string>

export interface Seen {
  state: string
  /** On the disk, about. */
  bytes: number
  /** Empty where nothing was read. */
  contents: Contents
}

const blockBytes = 4_096
const buffer = Buffer.alloc(1_048_576)

function lookThrough({ tree, read }: Look): Seen {
  const state = createHash('sha256')
  const contents = new Map<string, string>()
  let bytes = 0
  const folders = ['']
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const names = readdirSync(`${tree}/${folder}`).sort()
    const numbers = new Float64Array(names.length * 4)
    for (const [index, name] of names.entries()) {
      const file = folder === '' ? name : `${folder}/${name}`
      const stats = lstatSync(`${tree}/${file}`, { throwIfNoEntry: false })
      if (!stats) continue // just removed, or its name is no text
      numbers.set([stats.mode, stats.size, stats.mtimeMs, stats.ctimeMs], index * 4)
      bytes += Math.ceil(stats.size / blockBytes) * blockBytes
      if (stats.isDirectory()) folders.push(file)
      if (read) contents.set(file, contentOf(`${tree}/${file}`, stats))
    }
    state.update(`${folder}\0${names.join('\0')}\n`).update(numbers)
  }
  return { state: state.digest('hex'), bytes, contents }
}

function contentOf(file: string, stats: Stats): string {
  if (stats.isDirectory()) return 'folder'
  if (stats.isSymbolicLink()) return `link ${readlinkSync(file)}`
  const mode = (stats.mode & 0o777).toString(8)
  return stats.isFile() ? `file ${mode} ${stats.size} ${digestOf(file)}` : 'other'
}

/** Of what cannot be read that is all there is to say. */
function digestOf(file: string): string {
  let descriptor: number | null = null
  try {
    descriptor = openSync(file, 'r')
    const digest = createHash('sha256')
    for (let length = readSync(descriptor, buffer); length > 0; length = readSync(descriptor, buffer))
      digest.update(buffer.subarray(0, length))
    return digest.digest('hex')
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
  } finally {
    if (descriptor !== null) closeSync(descriptor)
  }
}

parentPort?.on('message', (look: Look) => parentPort?.postMessage(lookThrough(look)))
