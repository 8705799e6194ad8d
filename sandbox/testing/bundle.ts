// For tests: a GitHub with people, an organisation and one repository, an App that receives its webhooks, and clients
// that speak as any of them. Every webhook taken is one GitHub could have sent, or the test fails.
import { createSign } from 'node:crypto'
import { join } from 'node:path'
import { Octokit } from '@octokit/rest'
import { generatePrivateKey } from '../github/apps.ts'
import { type GitHub, startGitHub } from '../github/server.ts'
import { type Checkout, clone, type Person } from './checkout.ts'
import { type Received, startReceiver } from './receiver.ts'
import { webhookSchemas } from './schemas.ts'
import { temporaryFolder } from './temporary.ts'

export const people = {
  alice: { login: 'alice', token: 'token-alice' },
  max: { login: 'max', token: 'token-max' },
  walt: { login: 'walt', token: 'token-walt' },
  rita: { login: 'rita', token: 'token-rita' },
  mallory: { login: 'mallory', token: 'token-mallory' },
}
export const site = { owner: 'acme', repo: 'site' }

const secret = 'a webhook secret of more than 32 characters'
const appId = 4242
const events = [
  'push create delete pull_request issues issue_comment commit_comment check_run check_suite',
  'deployment deployment_status merge_group repository fork',
].flatMap(line => line.split(' '))
const permissions = {
  metadata: 'read',
  contents: 'read',
  checks: 'write',
  deployments: 'write',
  pull_requests: 'write',
  issues: 'write',
}

const silent = { debug() {}, info() {}, warn() {}, error() {} }

export type Bundle = Awaited<ReturnType<typeof createBundle>>

export async function createBundle() {
  const folder = temporaryFolder()
  const receiver = await startReceiver(secret)
  const validate = webhookSchemas()
  const privateKey = generatePrivateKey()
  const start = () => startGitHub(options(join(folder.path, 'github'), privateKey, receiver.url))
  let github: GitHub = await start()
  const octokit = (auth: string) => new Octokit({ auth, baseUrl: github.apiUrl, log: silent })
  const app = () => octokit(appToken(privateKey))
  return {
    receiver,
    folder: folder.path,
    get github() {
      return github
    },
    as: (person: Person) => octokit(person.token),
    app,
    /** The App in its installation on acme. */
    async bot(): Promise<Octokit> {
      const installation_id = github.installationId('acme') ?? 0
      const { data } = await app().rest.apps.createInstallationAccessToken({ installation_id })
      return octokit(data.token)
    },
    clone: (person: Person, full = 'acme/site'): Promise<Checkout> =>
      clone(github.url, full, person, join(folder.path, `${person.login}-${full.replace('/', '-')}`)),
    /** What the App received since the last look. */
    async webhooks(): Promise<Received[]> {
      await github.settled()
      const received = receiver.take()
      const mistakes = received.flatMap(({ event, action, payload }) => validate(event, action, payload))
      if (mistakes.length > 0) throw new Error(`GitHub would not send this:\n${mistakes.join('\n')}`)
      if (receiver.unsigned > 0) throw new Error('a webhook was not signed with the secret')
      return received
    },
    async restart(): Promise<void> {
      await github.close()
      github = await start()
    },
    async close(): Promise<void> {
      await github.close()
      await receiver.close()
      folder.remove()
    },
  }
}

function options(dir: string, privateKey: string, webhookUrl: string) {
  return {
    dir,
    app: {
      id: appId,
      slug: 'sluice',
      name: 'Sluice',
      privateKey,
      webhookSecret: secret,
      webhookUrl,
      permissions,
      events,
      clientId: 'Iv1.test',
      clientSecret: 'client secret',
    },
    users: Object.values(people),
    organizations: [{ login: 'acme', members: { alice: 'admin' } as const }],
  }
}

function appToken(privateKey: string): string {
  const seconds = Math.floor(Date.now() / 1000)
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = { iat: seconds - 30, exp: seconds + 500, iss: appId }
  const text = `${part({ alg: 'RS256', typ: 'JWT' })}.${part(claims)}`
  return `${text}.${createSign('RSA-SHA256').update(text).sign(privateKey, 'base64url')}`
}

export const names = (received: Received[]) => received.map(({ name }) => name).sort()
export const named = (received: Received[], name: string) =>
  received.find(candidate => candidate.name === name)?.payload
