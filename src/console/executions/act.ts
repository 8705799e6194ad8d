// What can be done with one execution: cancel, abort, rerun, through the verbs of executions/, each written down as an event.
import { cancel } from '../../executions/cancel.ts'
import { rerun } from '../../executions/rerun.ts'
import { code } from '../../functions/markdown.ts'
import { done, noop, type Outcome, refused } from '../../functions/outcome.ts'
import type { Console, InEnvironment } from '../context.ts'
import { environmentEvent } from '../events.ts'

export const executionVerbs = ['cancel', 'abort', 'rerun'] as const
export type ExecutionVerb = (typeof executionVerbs)[number]

export interface Acted {
  outcome: Outcome
  /** Where to look at it; null: where one was. */
  id: string | null
}

export async function act(
  console: Console,
  visit: InEnvironment,
  id: string,
  verb: ExecutionVerb,
): Promise<Acted> {
  return verb === 'rerun'
    ? rerunOne(console, visit, id)
    : { outcome: await cancelOne(console, visit, id, verb), id: null }
}

async function cancelOne(
  { core }: Console,
  visit: InEnvironment,
  id: string,
  verb: 'cancel' | 'abort',
): Promise<Outcome> {
  const { environment, person } = visit
  const result = await cancel(core, { environmentId: environment.id, id, force: verb === 'abort' })
  switch (result.kind) {
    case 'not_found':
      return refused('not_found', `There is no execution ${code(id)} here.`)
    case 'refused':
      return refused('not_cancellable', `It is ${result.state}: there is nothing to cancel any more.`)
    case 'already_aborting':
      return noop('aborting', 'It is being aborted already.')
  }
  const { functionId, functionName } = result.execution
  const data = { name: functionName, executionId: id, forced: verb === 'abort' }
  await core.db.transaction(tx =>
    core.append(tx, environmentEvent(environment, person.login, 'execution.cancelled', { functionId, data })),
  )
  return result.kind === 'cancelled'
    ? done('cancelled', 'It is cancelled; it never began.')
    : done('aborting', 'It is being aborted: its process ends within a second.')
}

async function rerunOne({ core, wake }: Console, visit: InEnvironment, id: string): Promise<Acted> {
  const { environment, person } = visit
  const result = await rerun(core, { environmentId: environment.id, id })
  if (result.kind !== 'created') return { outcome: whyNot(result, id), id: null }
  const { execution } = result
  wake(execution.functionId)
  const data = { name: execution.functionName, executionId: execution.id, rerunOf: id }
  await core.db.transaction(tx =>
    core.append(
      tx,
      environmentEvent(environment, person.login, 'execution.rerun', {
        functionId: execution.functionId,
        data,
      }),
    ),
  )
  return {
    outcome: done('rerun', 'It is called again, with the same arguments: this is the new execution.'),
    id: execution.id,
  }
}

type NotRerun = Exclude<Awaited<ReturnType<typeof rerun>>, { kind: 'created' }>

function whyNot(result: NotRerun, id: string): Outcome {
  if (result.kind === 'function_deleted')
    return refused('function_deleted', `Its function ${code(result.functionName)} was deleted.`)
  return result.kind === 'refused'
    ? refused('not_finished', `It is ${result.state}; only a finished one can be run again.`)
    : refused('not_found', `There is no execution ${code(id)} here any more, or its arguments are gone.`)
}
