// One commit's files into a new folder: the archive, from the cache or its host, unpacked within what is left of the caps.
import { rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { AppError } from '../../errors.ts'
import { type Failed, failed } from '../failure.ts'
import type { Tools } from '../tools.ts'
import type { Wanted } from './archive-cache.ts'
import { extract } from './extract.ts'

/** What was unpacked so far, in all archives of a build. */
export interface Fetched {
  files: number
  entries: number
  packedBytes: number
  unpackedBytes: number
  /** Files that are Git LFS pointers, relative to where the archive was unpacked. */
  pointers: string[]
}

export const nothingFetched: Fetched = {
  files: 0,
  entries: 0,
  packedBytes: 0,
  unpackedBytes: 0,
  pointers: [],
}

/** Resolves to the sum of `before` and this one, with this one's pointers. */
export async function unpackCommit(
  wanted: Wanted,
  to: string,
  before: Fetched,
  tools: Tools,
): Promise<Fetched | Failed> {
  const archive = path.join(tools.workspace.root, 'source.tar.gz')
  const { packedBytes: most, ...limits } = tools.limits.archive
  try {
    await tools.archives.fetch(wanted, archive, tools.signal)
    const { size } = await stat(archive)
    const packedBytes = before.packedBytes + size
    if (packedBytes > most)
      return failed(
        'archive_refused',
        `The commit's archive has ${packedBytes} bytes, more than the ${most} that are taken. Keep large files out of the repository, for example with Git LFS.`,
      )
    const unpacked = await extract(archive, to, tools.signal, {
      ...limits,
      entries: limits.entries - before.entries,
      unpackedBytes: limits.unpackedBytes - before.unpackedBytes,
    })
    switch (unpacked.kind) {
      case 'refused':
        return failed(
          'archive_refused',
          `The commit's archive was refused: ${unpacked.reason}. Remove that from the repository and push again.`,
        )
      case 'damaged':
        await tools.archives.forget(wanted)
        throw new AppError('unavailable', `The commit's archive arrived damaged: ${unpacked.reason}`)
      case 'unpacked':
        return {
          files: before.files + unpacked.files,
          entries: before.entries + unpacked.entries,
          packedBytes,
          unpackedBytes: before.unpackedBytes + unpacked.bytes,
          pointers: unpacked.pointers,
        }
    }
  } finally {
    await rm(archive, { force: true })
  }
}
