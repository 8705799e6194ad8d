// /approve: builds exactly this commit of a stranger's pull request. Bound to the commit: what is pushed afterwards takes
// another approval.
import { admitPreview } from '../builds/admission/admit-preview.ts'
import { noteSeen } from '../builds/admission/note-seen.ts'
import { approveHead } from '../builds/admission/pull-heads-store.ts'
import { isRestricted } from '../builds/admission/restricted.ts'
import { nameOfPreview } from '../environments/resolve.ts'
import { transact } from '../functions/dry-run.ts'
import { code } from '../functions/markdown.ts'
import { done, noop, type Outcome, refused } from '../functions/outcome.ts'
import { misused } from './arguments.ts'
import type { Command, Context } from './command.ts'

export const approveCommand: Command = {
  name: 'approve',
  usage: '/approve <sha>',
  help: 'Builds exactly this commit of a pull request from a fork or from Dependabot, without any variable or secret.',
  mutates: true,
  minimum: { preview: 'write', named: 'write' },
  neverBelow: 'write',
  onClosedPull: false,
  accepts: { names: 0, sha: true },
  target: 'none',
  looks: true,
  async run(context, { sha, dryRun }) {
    if (sha === null)
      return misused('sha_required', 'Name the whole commit, as you looked at it.', approveCommand.usage)
    const { pull } = context.looked
    if (!pull) return refused('pull_request_required', 'There is no pull request here to approve.')
    const unfit = unfitness(context, pull, sha)
    if (unfit) return unfit
    const { core, repository, actor } = context
    return transact(core.db, dryRun, async tx => {
      const { number } = pull
      await noteSeen({ ...core, db: tx }, repository, pull)
      if (!(await approveHead(tx, { repositoryId: repository.id, number }, sha, actor)))
        return noop('already_approved', `Commit ${short(sha)} is approved already.`)
      await admitPreview({ ...core, db: tx }, repository, pull, { tree: null, again: false, actor })
      return done(
        'approved',
        `Commit ${short(sha)} is built for **${nameOfPreview(number)}**, without variables or secrets. Another push takes another approval.`,
      )
    })
  },
}

function unfitness(
  { file }: Context,
  pull: NonNullable<Context['looked']['pull']>,
  sha: string,
): Outcome | null {
  if (!pull.open)
    return refused('pull_request_closed', 'This pull request is closed; nothing of it is built.')
  if (!file.previews.enabled) return refused('previews_off', 'Previews are switched off in this repository.')
  if (!isRestricted(pull))
    return refused(
      'approval_not_needed',
      'This pull request needs no approval: it does not come from outside.',
    )
  if (file.previews.forks === 'never')
    return refused(
      'forks_never',
      `${code('previews.forks')} is ${code('never')} on the default branch: nothing from outside is built here.`,
    )
  if (pull.head.sha !== sha)
    return refused(
      'ref_changed',
      `${short(sha)} is not the head of this pull request; ${short(pull.head.sha)} is. Look at what changed, and then: ${code(`/approve ${pull.head.sha}`)}.`,
    )
  return null
}

const short = (sha: string) => code(sha.slice(0, 7))
