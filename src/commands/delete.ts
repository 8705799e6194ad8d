// /delete: schedules the deletion of a function after its grace, or closes a preview at once. Outside previews the function's
// name has to be typed twice.
import { cancelBuilds } from '../builds/admission/cancel.ts'
import type { Environment } from '../environments/store.ts'
import { announceSwitch } from '../functions/announce-switch.ts'
import { closeWithin } from '../functions/close.ts'
import { requestDeletion } from '../functions/deletion.ts'
import { transact } from '../functions/dry-run.ts'
import { code } from '../functions/markdown.ts'
import { done, type Outcome, refused } from '../functions/outcome.ts'
import { misused } from './arguments.ts'
import { type Command, type Context, functionOf, type Request, targetOf } from './command.ts'

export const deleteCommand: Command = {
  name: 'delete',
  usage: '/delete [environment] <function> --confirm <function>',
  help: 'Deletes a function after a grace period in which it can be cancelled. Alone in a pull request: closes its preview.',
  mutates: true,
  minimum: { preview: 'write', named: 'admin' },
  onClosedPull: true,
  accepts: { names: 2, confirm: true },
  target: 'environment or function',
  run(context, request) {
    const { environment, functionName } = targetOf(request)
    return functionName === null
      ? closePreview(context, environment, request)
      : deleteFunction(context, environment, { ...request, functionName })
  },
}

async function deleteFunction(
  { core, actor, file }: Context,
  environment: Environment,
  request: Request & { functionName: string },
): Promise<Outcome> {
  const { functionName, confirm } = request
  const deletion = {
    ...functionOf(request),
    actor,
    reason: 'user_requested' as const,
    graceSeconds: file.functions.deletionGraceSeconds,
  }
  const needed = environment.kind !== 'preview'
  if (request.dryRun || confirm === functionName || (confirm === null && !needed))
    return requestDeletion(core, deletion)
  // Said without confirmation it is a question: what would happen, and how to say that it is meant.
  const plan = await requestDeletion(core, { ...deletion, dryRun: true })
  if (plan.code !== 'dry_run') return plan
  const mismatch = confirm === null ? '' : `${code(confirm)} is not its name. `
  const typed = code(`/delete ${environment.name} ${functionName} --confirm ${functionName}`)
  return refused('confirmation_required', `${mismatch}${plan.message} To do it: ${typed}.`)
}

async function closePreview(
  { core, actor }: Context,
  environment: Environment,
  { confirm, dryRun }: Request,
): Promise<Outcome> {
  if (environment.kind !== 'preview')
    return misused(
      'function_required',
      `**${environment.name}** is no preview; only its functions can be deleted, one by one. Name one.`,
      deleteCommand.usage,
    )
  if (confirm !== null && confirm !== environment.name)
    return refused('confirmation_required', `${code(confirm)} is not its name; ${code(environment.name)} is.`)
  const environmentId = environment.id
  const outcome = await transact(core.db, dryRun, async tx => {
    await cancelBuilds({ ...core, db: tx }, environmentId)
    await closeWithin(tx, core, { environmentId, actor, reason: 'closed by a command' })
    return done(
      'preview_closed',
      `**${environment.name}** is closed: nothing of it is built or run any more. The next push to its pull request opens it again.`,
    )
  })
  if (outcome.kind === 'done') await announceSwitch(core.pool, environmentId)
  return outcome
}
