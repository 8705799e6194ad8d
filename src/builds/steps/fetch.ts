// Step 1: the commit's files, as a tarball through the source's API, unpacked into the workspace.
import { rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { AppError, codes } from '../../errors.ts'
import { extract } from '../archive/extract.ts'
import { type Failed, failed } from '../failure.ts'
import type { Order } from '../store.ts'
import type { Tools } from '../tools.ts'

const maxPackedBytes = 256_000_000

export async function fetchSource(order: Order, tools: Tools): Promise<{ source: string } | Failed> {
  const archive = path.join(tools.workspace.root, 'source.tar.gz')
  const missing = await download(order, archive, tools)
  if (missing) return missing
  const { size } = await stat(archive)
  if (size > maxPackedBytes)
    return failed(
      'archive_refused',
      `The commit's archive has ${size} bytes, more than the ${maxPackedBytes} that are taken. Keep large files out of the repository, for example with Git LFS.`,
    )
  const unpacked = await extract(archive, tools.workspace.source, tools.signal)
  await rm(archive)
  switch (unpacked.kind) {
    case 'refused':
      return failed(
        'archive_refused',
        `The commit's archive was refused: ${unpacked.reason}. Remove that from the repository and push again.`,
      )
    case 'damaged':
      throw new AppError('unavailable', `The commit's archive arrived damaged: ${unpacked.reason}`)
    case 'unpacked':
      tools.say(`${order.sha} fetched: ${unpacked.files} files, ${Math.ceil(size / 1_000)} kB packed`)
      return { source: tools.workspace.source }
  }
}

/** Only the author can help when the commit is gone; everything else is the world's failure and goes on being thrown. */
async function download(order: Order, archive: string, tools: Tools): Promise<Failed | null> {
  const { repository, sha } = order
  try {
    await tools.source.tarball(repository, sha, archive, tools.signal)
    return null
  } catch (error) {
    if (!(error instanceof AppError) || codes[error.code].retryable) throw error
    return failed(
      'commit_unreadable',
      `Commit ${sha} of ${repository.owner}/${repository.name} could not be read: ${error.message}`,
    )
  }
}
