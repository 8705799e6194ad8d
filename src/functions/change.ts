// The frame of every verb that changes a function or an environment: one transaction, the environment locked first and the
// function second (one order for everybody, so none deadlock), and the ordinary refusals. A dry run rolls it all back. What was
// changed is said to the workers after the commit.
import type { Tx } from '../db/client.ts'
import { type Environment, lockEnvironment } from '../environments/store.ts'
import type { Core } from '../events/outbox.ts'
import type { Event, EventType } from '../events/types.ts'
import { announceSwitch } from './announce-switch.ts'
import { transact } from './dry-run.ts'
import { code, codes } from './markdown.ts'
import { type Outcome, refused } from './outcome.ts'
import { type FunctionRow, findFunctionByName, listFunctions, lockFunction } from './store.ts'
import { suggest } from './suggest.ts'

export interface OnEnvironment {
  environmentId: string
  actor: string
  dryRun: boolean
}
export interface OnFunction extends OnEnvironment {
  functionName: string
}
/** With `functionName` null it concerns the whole environment. */
export interface OnEither extends OnEnvironment {
  functionName: string | null
}

export async function changeEnvironment(
  core: Core,
  { environmentId, dryRun }: OnEnvironment,
  work: (tx: Tx, environment: Environment) => Promise<Outcome>,
): Promise<Outcome> {
  const outcome = await transact(core.db, dryRun, async tx => {
    const environment = await lockEnvironment(tx, environmentId)
    if (environment.closedAt)
      return refused('environment_closed', `**${environment.name}** is closed; nothing in it can be changed.`)
    return work(tx, environment)
  })
  if (outcome.kind === 'done') await announceSwitch(core.pool, environmentId)
  return outcome
}

export function changeFunction(
  core: Core,
  request: OnFunction,
  work: (tx: Tx, environment: Environment, one: FunctionRow) => Promise<Outcome>,
): Promise<Outcome> {
  return changeEnvironment(core, request, async (tx, environment) => {
    const named = await findFunctionByName(tx, environment.id, request.functionName)
    if (!named) return unknownFunction(tx, environment, request.functionName)
    return work(tx, environment, await lockFunction(tx, named.id))
  })
}

async function unknownFunction(tx: Tx, environment: Environment, name: string): Promise<Outcome> {
  const names = (await listFunctions(tx, environment.id)).map(one => one.name)
  const near = suggest(name, names)
  const hint = near ? ` Did you mean ${code(near)}?` : ''
  const list = names.length === 0 ? 'It has none yet.' : `It has: ${codes(names)}.`
  return refused('no_such_function', `**${environment.name}** has no function ${code(name)}.${hint} ${list}`)
}

/** An event of this environment; the build that is live in it comes along, so that its reports are written again. */
export function eventOf(
  environment: Environment,
  actor: string,
  type: EventType,
  rest: Pick<Event, 'functionId' | 'data'> = {},
): Event {
  return {
    type,
    repositoryId: environment.repositoryId,
    environmentId: environment.id,
    buildId: environment.activeBuildId,
    pullNumber: environment.pullNumber,
    actor,
    ...rest,
  }
}
