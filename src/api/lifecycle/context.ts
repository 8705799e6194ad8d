// What the routes of the lifecycle API share: who called (asked once, before the body is read), and the function that a path names.
import type { FastifyRequest } from 'fastify'
import type { ArtifactStore } from '../../builds/ports.ts'
import { type Environment, findRepository, repositoryFileOf } from '../../environments/store.ts'
import { AppError } from '../../errors.ts'
import type { ExecutionCore } from '../../executions/payloads.ts'
import type { Wake } from '../../executions/wake.ts'
import type { Outcome } from '../../functions/outcome.ts'
import type { ApiKey } from '../keys/keys-store.ts'
import { environmentOf } from './caller.ts'
import { findShown, type ShownFunction } from './lifecycle-store.ts'

export interface LifecycleContext {
  core: ExecutionCore
  masterKey: string
  artifacts: ArtifactStore
  wake: Wake
  keyOf(request: FastifyRequest): ApiKey
}

export interface Named {
  environment: Environment
  one: ShownFunction
  /** For the verbs of functions/. */
  target: { environmentId: string; functionName: string; actor: string; dryRun: false }
}

/** @throws AppError `not_found` also where it is another repository's: nobody learns what others have. */
export async function namedFunction(
  { core, keyOf }: LifecycleContext,
  request: FastifyRequest<{ Params: { id: string } }>,
): Promise<Named> {
  const key = keyOf(request)
  const environment = await environmentOf(core.db, key, request)
  const { id } = request.params
  const one = await findShown(core.db, environment.id, id)
  if (!one) throw new AppError('not_found', `There is no function ${id} in ${environment.name}.`)
  const target = {
    environmentId: environment.id,
    functionName: one.name,
    actor: key.name,
    dryRun: false,
  } as const
  return { environment, one, target }
}

/** The function as it is after a verb. @throws AppError `conflict`, with the verb's own code, where it refused. */
export async function after({ core }: LifecycleContext, { environment, one }: Named, outcome: Outcome) {
  if (outcome.kind === 'refused') {
    const code = outcome.code === 'no_such_function' ? 'not_found' : 'conflict'
    throw new AppError(code, outcome.message, { reason: outcome.code })
  }
  return (await findShown(core.db, environment.id, one.id)) ?? one
}

export async function deletionGraceOf({ core }: LifecycleContext, environment: Environment): Promise<number> {
  const repository = await findRepository(core.db, environment.repositoryId)
  return repositoryFileOf({ config: repository?.config ?? null }).functions.deletionGraceSeconds
}
