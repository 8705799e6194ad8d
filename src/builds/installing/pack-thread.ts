// The thread that packs an installed tree for the artifact store: behind everything else this machine has to do, as far as
// the system knows priorities of threads. Posts one message when the archive is there, or why it will not be.
import os from 'node:os'
import { parentPort } from 'node:worker_threads'
import { create } from 'tar'
import { refuseContents } from './kept-contents.ts'
import type { Contents } from './tree-thread.ts'

export interface Packing {
  /** The folder that holds the tree, and the tree's name in it. */
  folder: string
  name: string
  contents: Contents
  to: string
}

export interface Packed {
  refused: string | null
}

const lowest = 19

/** A file of several names is packed under each: archives with hard links are not unpacked. */
class NoLinks extends Map<`${number}:${number}`, string> {
  override get(): undefined {}
}

function pack({ folder, name, contents, to }: Packing): Packed {
  // Elsewhere it would be the whole process's.
  if (process.platform === 'linux') os.setPriority(lowest)
  const refused = refuseContents(contents)
  const how = { sync: true, portable: true, noMtime: true, zstd: {}, linkCache: new NoLinks() } as const
  if (refused === null) create({ ...how, cwd: folder, file: to }, [name])
  return { refused }
}

parentPort?.once('message', (packing: Packing) => parentPort?.postMessage(pack(packing)))
