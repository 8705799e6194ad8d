// Logs as the API shows them: what is a value of a variable by now is masked once more, whatever it was when the line was said.
import { createMask, type Mask } from '../builds/mask.ts'
import type { Environment } from '../environments/store.ts'
import { readVariables } from '../environments/variables.ts'
import type { LifecycleContext } from './lifecycle/context.ts'

export async function maskOf(
  { core, masterKey }: Pick<LifecycleContext, 'core' | 'masterKey'>,
  environment: Environment,
): Promise<Mask> {
  const { secrets } = await readVariables(core.db, masterKey, environment)
  return createMask(secrets)
}
