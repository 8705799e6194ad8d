// Which environment of its repository the caller of a repository's token means: the one it names, or that of the branch its
// application was deployed from. What is not certain is refused, never guessed: the wrong environment would run it for good. Pure.
import { AppError } from '../../errors.ts'

export interface Candidate {
  id: string
  name: string
  kind: 'branch' | 'preview'
  branch: string
  production: boolean
  trusted: boolean
}

export interface Asked {
  environment: string | null
  branch: string | null
}

/** `candidates`: those that are open. @throws AppError `malformed`, `not_found` or `forbidden`. */
export function chooseEnvironment(
  candidates: readonly Candidate[],
  asked: Asked,
  mayBeProduction: boolean,
): Candidate {
  const chosen =
    asked.environment === null ? ofBranch(candidates, asked.branch) : named(candidates, asked.environment)
  if (mayBeProduction || !chosen.production) return chosen
  throw new AppError(
    'forbidden',
    `This token may not call functions of ${chosen.name}, which is production. Use a token of that environment there (made with: sluice token create --environment owner/repo#${chosen.name}).`,
  )
}

function named(candidates: readonly Candidate[], name: string): Candidate {
  const found = candidates.find(one => one.name === name)
  if (found) return found
  throw new AppError('not_found', `There is no open environment "${name}". ${known(candidates)}`)
}

/** A stranger may call a branch as they like: their previews are found by name alone, and what stands comes before previews. */
function ofBranch(candidates: readonly Candidate[], branch: string | null): Candidate {
  if (branch === null)
    throw new AppError(
      'malformed',
      'This token is of a whole repository: say which environment by the header X-Environment with its name, or X-Branch with the branch; sluice/client sends what SLUICE_ENVIRONMENT or the host of the application says.',
    )
  const same = candidates.filter(one => one.branch === branch && one.trusted)
  const standing = same.filter(one => one.kind === 'branch')
  const [found, another] = standing.length > 0 ? standing : same
  if (found && !another) return found
  if (found)
    throw new AppError(
      'conflict',
      `Several environments are of the branch "${branch}": ${same.map(one => one.name).join(', ')}. Say which: set SLUICE_ENVIRONMENT.`,
    )
  throw new AppError(
    'not_found',
    `No open environment is of the branch "${branch}". A preview comes with its pull request. ${known(candidates)}`,
  )
}

function known(candidates: readonly Candidate[]): string {
  const names = candidates.map(one => `${one.name} (${one.branch.slice(0, 100)})`)
  return names.length === 0 ? 'There are none yet.' : `There are: ${names.slice(0, 20).join(', ')}.`
}
