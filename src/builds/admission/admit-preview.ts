// Opens the preview of a pull request and admits its head. The configuration is the base's, never the request's own. Whoever
// calls it has seen to it that a stranger's head is approved.
import { openEnvironments } from '../../environments/open.ts'
import { buildSettingsOf } from '../../environments/repository-file.ts'
import { nameOfPreview } from '../../environments/resolve.ts'
import { type Repository, repositoryFileOf } from '../../environments/store.ts'
import type { Core } from '../../events/outbox.ts'
import type { Pull } from '../ports.ts'
import { admit, type Request } from './admit.ts'
import { isRestricted } from './restricted.ts'

export async function admitPreview(
  core: Core,
  repository: Repository,
  pull: Pull,
  request: Pick<Request, 'tree' | 'again' | 'actor'>,
): Promise<string | null> {
  const file = repositoryFileOf(repository)
  const { root, crons } = file.previews
  const landing = {
    name: nameOfPreview(pull.number),
    otherName: null,
    branch: pull.head.branch,
    root,
    production: false,
    crons,
    watch: [],
    build: buildSettingsOf(file),
    baseBranch: pull.baseBranch,
    trusted: !isRestricted(pull),
  }
  const { sha, message, author } = pull.head
  const [environment] = await openEnvironments(core, {
    repositoryId: repository.id,
    landings: [landing],
    pullNumber: pull.number,
  })
  if (!environment) return null
  const commit = { sha, message: message || pull.title, author: author || pull.author }
  return admit(core, environment.id, { commit, ref: `refs/pull/${pull.number}/head`, ...request })
}
