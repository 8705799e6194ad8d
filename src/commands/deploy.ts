// /deploy: builds the head of a branch or of a pull request now. Of a pull request only the head that its author could know
// of: what was pushed after the comment was written nobody has asked for.
import { admit } from '../builds/admission/admit.ts'
import { admitPreview } from '../builds/admission/admit-preview.ts'
import { noteSeen } from '../builds/admission/note-seen.ts'
import { headAt, isApproved } from '../builds/admission/pull-heads-store.ts'
import { isRestricted } from '../builds/admission/restricted.ts'
import type { Pull } from '../builds/ports.ts'
import { isFinished } from '../builds/states.ts'
import { nameOfPreview } from '../environments/resolve.ts'
import type { Environment } from '../environments/store.ts'
import type { Core } from '../events/outbox.ts'
import { transact } from '../functions/dry-run.ts'
import { code } from '../functions/markdown.ts'
import { done, noop, type Outcome, refused } from '../functions/outcome.ts'
import type { Command, Context, Request } from './command.ts'
import { newestBuild } from './store.ts'
import { listOf } from './target.ts'

export const deployCommand: Command = {
  name: 'deploy',
  usage: '/deploy [environment] [sha]',
  help: 'Builds the newest commit now, also where nothing has changed. With a commit: only if it is still the newest.',
  mutates: true,
  minimum: { preview: 'write', named: 'maintain' },
  neverBelow: 'write',
  onClosedPull: true,
  accepts: { names: 1, sha: true },
  target: 'any environment',
  looks: true,
  run(context, request) {
    const { environment } = request
    return environment?.kind === 'branch'
      ? deployBranch(context, environment, request)
      : deployPull(context, environment, request)
  },
}

async function deployBranch(
  { core, actor, looked }: Context,
  environment: Environment,
  { sha, dryRun }: Request,
): Promise<Outcome> {
  const { head } = looked
  if (!head)
    return refused('no_such_branch', `Branch ${code(environment.branch)} of **${environment.name}** is gone.`)
  if (sha !== null && sha !== head.sha) return moved(sha, head.sha, code(environment.branch))
  const ref = `refs/heads/${environment.branch}`
  const target = { environment, name: environment.name, sha: head.sha }
  return transact(core.db, dryRun, tx => {
    const inside = { ...core, db: tx }
    return build(inside, target, again =>
      admit(inside, environment.id, { commit: head, ref, again, actor, tree: null }),
    )
  })
}

async function deployPull(
  context: Context,
  environment: Environment | null,
  { sha, dryRun }: Request,
): Promise<Outcome> {
  const { core, actor, repository, environments } = context
  const { pull } = context.looked
  if (!pull)
    return refused(
      'environment_required',
      `There is no pull request here, so name an environment. ${listOf(environments)}`,
    )
  // What was seen is remembered also when it is refused; of a dry run nothing is.
  return transact(core.db, dryRun, async tx => {
    const inside = { ...context, core: { ...core, db: tx } }
    await noteSeen(inside.core, repository, pull)
    const unfit = await unfitness(inside, pull, sha)
    if (unfit) return unfit
    const target = { environment, name: nameOfPreview(pull.number), sha: pull.head.sha }
    return build(inside.core, target, again =>
      admitPreview(inside.core, repository, pull, { tree: null, again, actor }),
    )
  })
}

async function unfitness(
  { core, repository, file, commentedAt }: Context,
  pull: Pull,
  sha: string | null,
): Promise<Outcome | null> {
  if (!pull.open)
    return refused('pull_request_closed', 'This pull request is closed; nothing of it is built.')
  if (!file.previews.enabled) return refused('previews_off', 'Previews are switched off in this repository.')
  const about = { repositoryId: repository.id, number: pull.number }
  const { sha: head } = pull.head
  const known = await headAt(core.db, about, commentedAt)
  if (sha !== null && sha !== head) return moved(sha, head, 'this pull request')
  // Whoever names the commit has said which one is meant.
  if (sha === null && known !== head)
    return refused(
      'ref_changed',
      `The head was moved when this was written, or just before: it is ${short(head)} now. Nothing was deployed. If that is the commit you mean: ${code(`/deploy ${head}`)}.`,
    )
  const { forks } = file.previews
  if (isRestricted(pull) && (forks === 'never' || !(await isApproved(core.db, about, head))))
    return refused(
      'approval_required',
      `Commit ${short(head)} comes from a fork or from Dependabot and is not approved. To build it: ${code(`/approve ${head}`)}.`,
    )
  return null
}

interface Target {
  environment: Environment | null
  name: string
  sha: string
}

async function build(
  core: Core,
  { environment, name, sha }: Target,
  admitted: (again: boolean) => Promise<unknown>,
): Promise<Outcome> {
  const newest = environment && (await newestBuild(core.db, environment.id))
  const isNewest = newest?.sha === sha
  if (newest && isNewest && !isFinished(newest.state))
    return noop('under_way', `Commit ${short(sha)} is being built for **${name}** already.`)
  await admitted(isNewest)
  return done('deploying', `Commit ${short(sha)} is built for **${name}**.`)
}

function moved(asked: string, head: string, where: string): Outcome {
  return refused(
    'ref_changed',
    `${short(asked)} is not the head of ${where}; ${short(head)} is. Nothing was deployed. An earlier commit that was live is brought back by ${code('/rollback')}.`,
  )
}

const short = (sha: string) => code(sha.slice(0, 7))
