// Reads the repository file at a commit of the default branch and keeps it, or keeps what is wrong with it. Whatever it
// says, the last good one decides: a broken push never changes where branches land.
import {
  maxRepositoryFileBytes,
  parseRepositoryFile,
  repositoryFilePath,
} from '../../environments/repository-file.ts'
import {
  acceptRepositoryFile,
  findRepository,
  type Repository,
  rejectRepositoryFile,
} from '../../environments/store.ts'
import type { Core } from '../../events/outbox.ts'
import type { Source } from '../ports.ts'

interface Deps {
  core: Core
  source: Source
}

/** Resolves to the repository as it stands afterwards. */
export async function readConfiguration(
  { core, source }: Deps,
  repository: Repository,
  sha: string,
): Promise<Repository> {
  if (repository.configSha === sha || repository.configProblemsSha === sha) return repository
  const text = await source.file(repository, sha, repositoryFilePath, maxRepositoryFileBytes)
  const parsed = parseRepositoryFile(text ?? '')
  await core.db.transaction(async tx => {
    const about = { repositoryId: repository.id, data: { sha } }
    if ('file' in parsed) {
      await acceptRepositoryFile(tx, repository.id, sha, parsed.file)
      // A check is owed only where there is something to say: a file, or the end of an earlier mistake.
      const wasBroken = repository.configProblems.length > 0
      if (text !== null || wasBroken) await core.append(tx, { ...about, type: 'config.accepted' })
    } else {
      await rejectRepositoryFile(tx, repository.id, sha, parsed.problems)
      await core.append(tx, { ...about, type: 'config.rejected' })
    }
  })
  return (await findRepository(core.db, repository.id)) ?? repository
}
