// Step 1: the commit's files and those of its submodules, as archives through the source's API, unpacked into the workspace.
import { AppError, codes } from '../../errors.ts'
import { fetchSubmodules } from '../archive/submodules.ts'
import { type Fetched, nothingFetched, unpackCommit } from '../archive/unpack-commit.ts'
import { type Failed, failed } from '../failure.ts'
import { pointersSaid } from '../lfs.ts'
import type { Order } from '../store.ts'
import type { Tools } from '../tools.ts'

export interface Sources {
  /** The repository's folder. */
  source: string
  /** Its files that are Git LFS pointers. */
  pointers: string[]
  /** Of what was uploaded: the folder that holds its package.json, and the file in it that is the function. */
  uploaded?: { folder: string; entry: string }
}

export async function fetchSource(order: Order, tools: Tools): Promise<Sources | Failed> {
  const { repository, sha } = order
  const fetched = await fetchCommit(order, tools)
  if ('failure' in fetched) return fetched
  const { files, packedBytes } = fetched
  tools.say(`${sha} fetched: ${files} files, ${Math.ceil(packedBytes / 1_000)} kB packed`)
  const whole = await fetchSubmodules(repository, sha, fetched, tools)
  if ('failure' in whole) return whole
  if (whole.pointers.length > 0) tools.say(pointersSaid(whole.pointers))
  return { source: tools.workspace.source, pointers: whole.pointers }
}

/** Only the author can help when the commit is gone; everything else is the world's failure and goes on being thrown. */
async function fetchCommit({ repository, sha }: Order, tools: Tools): Promise<Fetched | Failed> {
  try {
    const wanted = { owner: repository.id, repository, sha }
    return await unpackCommit(wanted, tools.workspace.source, nothingFetched, tools)
  } catch (error) {
    if (!(error instanceof AppError) || codes[error.code].retryable) throw error
    if (error.code === 'too_large') return failed('archive_refused', error.message)
    return failed(
      'commit_unreadable',
      `Commit ${sha} of ${repository.owner}/${repository.name} could not be read: ${error.message}`,
    )
  }
}
