// The lifecycle API over real HTTP beside an environment in which functions are deployed by hand, with keys for it.
import { inject, onTestFinished } from 'vitest'
import { type KeyRole, makeKey } from '../../src/api/keys/key.ts'
import { insertKey, type KeyToStore } from '../../src/api/keys/keys-store.ts'
import { lifecycleApi } from '../../src/api/lifecycle/lifecycle-api.ts'
import { createWeb } from '../../src/web.ts'
import { startIssuer } from '../support/oidc-issuer.ts'
import { log, setup } from './executions-setup.ts'

export const masterKey = 'a master key for tests, nothing more'

export async function place() {
  const here = await setup(inject('postgresUrl'))
  const issuer = await startIssuer(() => claimsOf(here.environment))
  onTestFinished(() => issuer.close())
  let url = ''
  const oidc = { issuer: issuer.url, audience: () => url, cooldownMs: 0 }
  const { core, artifacts } = here
  const api = lifecycleApi({ core, masterKey, artifacts, oidc, log })
  const web = await createWeb([api], async () => {}, log)
  url = await web.listen('127.0.0.1', 0)
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
  return { ...here, issuer, serverUrl: url, keyFor, send }
}

/** What GitHub says of a workflow of the repository that a push to the environment's branch started. */
function claimsOf({ repositoryId, branch }: { repositoryId: number; branch: string }) {
  const [id, owner] = [String(repositoryId), 'acme']
  const repository = `${owner}/shop-${id}`
  return {
    ...{ sub: `repo:${repository}:ref:refs/heads/${branch}`, repository, repository_id: id },
    ...{ repository_owner: owner, repository_owner_id: id, actor: 'alice', run_id: '17' },
    ...{ event_name: 'push', ref: `refs/heads/${branch}`, ref_type: 'branch' },
  }
}
