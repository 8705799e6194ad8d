// What a pushed commit holds, asked only where there is a build to compare it with. Not to know it costs a build.
import type { Repository } from '../../environments/store.ts'
import { AppError, codes } from '../../errors.ts'
import type { Core } from '../../events/outbox.ts'
import type { Source, TreeEntry } from '../ports.ts'
import { isComparable } from './content-store.ts'

interface Deps {
  core: Core
  source: Source
}

/** Null: build it. @throws what may be over at the next try. */
export async function readTreeIfOfUse(
  { core, source }: Deps,
  repository: Repository,
  branch: string,
  sha: string,
): Promise<TreeEntry[] | null> {
  if (!(await isComparable(core.db, { repositoryId: repository.id, branch }))) return null
  try {
    return await source.tree(repository, sha)
  } catch (error) {
    if (!(error instanceof AppError) || codes[error.code].retryable) throw error
    return null
  }
}
