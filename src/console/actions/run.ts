// Calls a function now, as a program would.
import { AppError } from '../../errors.ts'
import { enqueue } from '../../executions/enqueue.ts'
import { code } from '../../functions/markdown.ts'
import { done, refused } from '../../functions/outcome.ts'
import { environmentEvent } from '../events.ts'
import { field } from '../html/parts.ts'
import { type Action, written } from './action.ts'

export const runAction: Action = {
  name: 'run',
  on: 'function',
  rule: { name: 'run', minimum: { preview: 'write', named: 'write' } },
  title: 'Run',
  lesson:
    'One execution with these arguments, on the version that is live. While the function is held, it waits like any other.',
  button: 'Run now',
  fields: (_console, { form }) =>
    field({
      name: 'arguments',
      label: 'Arguments',
      type: 'textarea',
      value: form.get('arguments') ?? '[]',
      hint: 'A JSON array: the function is called with its elements.',
    }),
  async carryOut({ core, wake }, { visit, functionName, form }, dryRun) {
    if (dryRun) return null
    const given = readArguments(written(form, 'arguments', 1_000_000) ?? '[]')
    if (given === null)
      return refused('malformed', `The arguments must be a JSON array, such as ${code('["A-1", 2]')}.`)
    const { environment, person } = visit
    const call = {
      environmentId: environment.id,
      functionName: functionName ?? '',
      arguments: given,
      executedBy: 'command' as const,
    }
    try {
      const execution = await core.db.transaction(async tx => {
        const stored = await enqueue({ db: tx, payloads: core.payloads }, call)
        const { id, functionId } = stored
        await core.append(
          tx,
          environmentEvent(environment, person.login, 'execution.called', {
            functionId,
            data: { name: functionName, executionId: id },
          }),
        )
        return stored
      })
      wake(execution.functionId)
      return done('called', `Execution ${code(execution.id)} is accepted.`)
    } catch (error) {
      if (error instanceof AppError && error.code === 'not_found')
        return refused('no_such_function', error.message)
      throw error
    }
  },
}

function readArguments(text: string): unknown[] | null {
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) ? value : null
  } catch {
    return null
  }
}
