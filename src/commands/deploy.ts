// /deploy: builds the head of a branch or of a pull request now. Of a pull request only the head that its author could know
// of: what was pushed after the comment was written nobody has asked for. An earlier commit that is named goes live as built.
import { admit } from '../builds/admission/admit.ts'
import { admitPreview } from '../builds/admission/admit-preview.ts'
import { noteSeen } from '../builds/admission/note-seen.ts'
import { headAt, isApproved } from '../builds/admission/pull-heads-store.ts'
import { isRestricted } from '../builds/admission/restricted.ts'
import { deployBuilt } from '../builds/deploy-built.ts'
import type { Pull } from '../builds/ports.ts'
import { isFinished } from '../builds/states.ts'
import { nameOfPreview } from '../environments/resolve.ts'
import type { Environment } from '../environments/store.ts'
import type { Core } from '../events/outbox.ts'
import { transact } from '../functions/dry-run.ts'
import { code } from '../functions/markdown.ts'
import { done, noop, type Outcome, refused } from '../functions/outcome.ts'
import type { Command, Context, Request } from './command.ts'
import { unlessMerged } from './merged-only.ts'
import { newestBuild } from './store.ts'
import { listOf } from './target.ts'

export const deployCommand: Command = {
  name: 'deploy',
  usage: '/deploy [environment] [sha]',
  help: 'Builds the newest commit now, also where nothing has changed. With an earlier commit: makes what was built of it live again and pins the environment until it is resumed.',
  mutates: true,
  minimum: { preview: 'write', named: 'maintain' },
  neverBelow: 'write',
  onClosedPull: true,
  onCommits: true,
  accepts: { names: 1, sha: true },
  target: 'any environment',
  looks: true,
  run(context, given) {
    const { environment } = given
    // On a commit that one is meant.
    const request = { ...given, sha: given.sha ?? context.commitSha }
    return environment?.kind === 'branch'
      ? deployBranch(context, environment, request)
      : deployPull(context, environment, request)
  },
}

async function deployBranch(
  context: Context,
  environment: Environment,
  { sha, dryRun }: Request,
): Promise<Outcome> {
  const { core, actor, looked } = context
  const { head } = looked
  const unmerged = unlessMerged(context, environment, 'deploy')
  if (unmerged) return unmerged
  if (!head)
    return refused('no_such_branch', `Branch ${code(environment.branch)} of **${environment.name}** is gone.`)
  if (sha !== null && sha !== head.sha) {
    const earlier = await deployBuilt(core, { environmentId: environment.id, sha, actor, dryRun })
    return earlier ?? moved(sha, head.sha, { of: code(environment.branch), name: environment.name })
  }
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
    if (sha !== null && sha !== pull.head.sha) return deployEarlier(inside, environment, pull, sha)
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
  // Whoever names the commit has said which one is meant.
  if (sha === null && known !== head)
    return refused(
      'ref_changed',
      `The head was moved when this was written, or just before: it is ${short(head)} now. Nothing was deployed. If that is the commit you mean: ${code(`/deploy ${head}`)}.`,
    )
  const { forks } = file.previews
  const meant = sha ?? head
  if (isRestricted(pull) && (forks === 'never' || !(await isApproved(core.db, about, meant))))
    return refused(
      'approval_required',
      `Commit ${short(meant)} comes from a fork or from Dependabot and is not approved. To build the head: ${code(`/approve ${head}`)}.`,
    )
  return null
}

/** Inside the transaction that a dry run rolls back. */
async function deployEarlier(
  { core, actor }: Context,
  environment: Environment | null,
  { number, head }: Pull,
  sha: string,
): Promise<Outcome> {
  const request = environment && { environmentId: environment.id, sha, actor, dryRun: false }
  const earlier = request && (await deployBuilt(core, request))
  return earlier ?? moved(sha, head.sha, { of: 'this pull request', name: nameOfPreview(number) })
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

function moved(asked: string, head: string, { of, name }: { of: string; name: string }): Outcome {
  return refused(
    'ref_changed',
    `${short(asked)} is not the head of ${of}, which is ${short(head)}, and it was not built to the end for **${name}**. Nothing was deployed.`,
  )
}

const short = (sha: string) => code(sha.slice(0, 7))
