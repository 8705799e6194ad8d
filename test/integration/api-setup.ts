// The lifecycle API over real HTTP beside an environment in which functions are deployed by hand, with keys for it.
import { inject, onTestFinished } from 'vitest'
import { type KeyRole, makeKey } from '../../src/api/keys/key.ts'
import { insertKey, type KeyToStore } from '../../src/api/keys/keys-store.ts'
import { lifecycleApi } from '../../src/api/lifecycle/lifecycle-api.ts'
import { createWeb } from '../../src/web.ts'
import { log, setup } from './executions-setup.ts'

export const masterKey = 'a master key for tests, nothing more'

export async function place() {
  const here = await setup(inject('postgresUrl'))
  const web = await createWeb([lifecycleApi({ core: here.core, masterKey, log })], async () => {}, log)
  const url = await web.listen('127.0.0.1', 0)
  onTestFinished(() => web.close())
  async function keyFor(role: KeyRole, some: Partial<KeyToStore> = {}): Promise<string> {
    const { key, ...made } = makeKey()
    const { repositoryId, id: environmentId } = here.environment
    await insertKey(here.db, {
      ...{ repositoryId, environmentId, role, name: 'ci', validSeconds: null, ...made },
      ...some,
    })
    return key
  }
  async function send(key: string | null, method: string, path: string, body?: unknown, headers = {}) {
    const response = await fetch(`${url}/api${path}`, {
      method,
      headers: {
        ...(key === null ? {} : { authorization: `Bearer ${key}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    // biome-ignore lint/suspicious/noExplicitAny: compared field by field
    const answer: any = await response.json()
    return { status: response.status, body: answer }
  }
  return { ...here, serverUrl: url, keyFor, send }
}
