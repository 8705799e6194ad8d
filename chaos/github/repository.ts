// The repository on the local GitHub: many branches, each with an environment, three of them with a pull request; and what
// stands on GitHub about it.
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createHub } from '../../sandbox/demo/hub.ts'
import { waitFor } from '../../sandbox/demo/wait.ts'
import { collaborators, type Sandbox } from '../../sandbox/start.ts'
import { clone } from '../../sandbox/testing/checkout.ts'
import type { Build, Check, Deployment, Facts } from './facts.ts'

const repository = 'acme/pushes'
const pullRequests = 3
const lookMs = 150
/** A webhook that came while nobody listened is not answered before the end; the people push on. */
const patienceMs = 20_000

export interface Repository {
  /** The commit. */
  push(branch: number): Promise<string>
  /** Until this commit's check has ended, if it does soon. */
  checked(branch: number, sha: string): Promise<void>
  /** Until every webhook was answered 2xx, as somebody presses "Redeliver" on those that were not. */
  delivered(): Promise<void>
  facts(
    builds: readonly Build[],
  ): Promise<Pick<Facts, 'heads' | 'environments' | 'pulls' | 'checks' | 'deployments' | 'comments'>>
}

const branchOf = (index: number) => `line/${index}`
const environmentOf = (index: number) => `line-${index}`

export async function openRepository(
  { github, tokens }: Sandbox,
  folder: string,
  branches: number,
): Promise<Repository> {
  const [owner = '', name = ''] = repository.split('/')
  const token = tokens.alice ?? ''
  await github.createRepository({ owner, name, collaborators })
  await github.install(owner)
  const hub = createHub(github.apiUrl, repository, tokens)
  const at = path.join(folder, 'checkout')
  const working = await clone(github.url, repository, { login: 'alice', token }, at)
  const first = await working.commit('Begin', filesOf('nothing yet'))
  await working.push('origin', 'HEAD')
  const heads = new Map<string, string>()
  let last: Promise<unknown> = Promise.resolve()
  let commits = 0

  async function pushNext(index: number): Promise<string> {
    const known = heads.get(branchOf(index))
    await working.git('checkout', '--quiet', '--detach', known ?? first)
    const sha = await working.commit(`Change ${++commits}`, filesOf(`change ${commits}`))
    heads.set(branchOf(index), sha)
    await working.push('origin', `HEAD:refs/heads/${branchOf(index)}`)
    return sha
  }
  const push = (index: number) => {
    const pushed = last.then(() => pushNext(index))
    last = pushed.catch(() => {})
    return pushed
  }

  const pulls: { number: number; branch: string }[] = []
  for (let index = 0; index < branches; index++) await push(index)
  for (let index = 0; index < Math.min(pullRequests, branches); index++) {
    const { number } = await hub.openPull(branchOf(index), `Lines of ${index}`)
    pulls.push({ number, branch: branchOf(index) })
  }
  const environments = new Map([
    ...Array.from({ length: branches }, (_, index) => [environmentOf(index), branchOf(index)] as const),
    ...pulls.map(({ number, branch }) => [`pr-${number}`, branch] as const),
  ])

  async function read<T>(what: string): Promise<T> {
    const response = await fetch(`${github.apiUrl}/repos/${repository}${what}`, {
      headers: { authorization: `Bearer ${token}` },
    })
    if (!response.ok) throw new Error(`GET ${what}: ${response.status}`)
    return (await response.json()) as T
  }

  return {
    push,
    async checked(index, sha) {
      const name = `Sluice / ${environmentOf(index)}`
      const isOurs = (run: { name: string; status: string }) =>
        run.name === name && run.status === 'completed'
      for (const until = Date.now() + patienceMs; Date.now() < until; await sleep(lookMs))
        if (github.checkRuns(repository, sha).some(isOurs)) return
    },
    async delivered() {
      await waitFor('every webhook to be answered', async () => {
        await github.settled()
        const tries = [...Map.groupBy(github.deliveries(), one => one.guid).values()]
        const open = tries.filter(all => !all.some(one => one.statusCode >= 200 && one.statusCode < 300))
        for (const [newest] of open) if (newest) github.redeliver(newest.id)
        return open.length === 0 ? true : null
      })
    },
    async facts(builds) {
      const checks = new Map<string, Check[]>()
      for (const sha of new Set(builds.map(build => build.sha))) checks.set(sha, await checksOf(sha))
      const comments = new Map<number, string[]>()
      for (const { number } of pulls) {
        const all = await hub.comments(number)
        const ours = all.filter(one => one.user.login.endsWith('[bot]')).map(one => one.body)
        comments.set(number, ours)
      }
      return { heads, environments, pulls, checks, comments, deployments: await deploymentsOf() }
    },
  }

  async function checksOf(sha: string): Promise<Check[]> {
    const { check_runs } = await read<{
      check_runs: { id: number; name: string; external_id: string; status: string; conclusion: string }[]
    }>(`/commits/${sha}/check-runs?per_page=100&filter=all`)
    return check_runs.map(({ external_id, ...run }) => ({ ...run, externalId: external_id }))
  }

  async function deploymentsOf(): Promise<Deployment[]> {
    const found: Deployment[] = []
    for (const environment of environments.keys()) {
      type Given = { id: number; sha: string; payload: { build?: string } | string }
      for (const one of await read<Given[]>(`/deployments?environment=${environment}&per_page=100`)) {
        const [status] = await read<{ state: string }[]>(`/deployments/${one.id}/statuses`)
        const payload: { build?: string } =
          typeof one.payload === 'string' ? JSON.parse(one.payload) : one.payload
        found.push({
          id: one.id,
          environment,
          sha: one.sha,
          build: payload.build ?? null,
          state: status?.state ?? null,
        })
      }
    }
    return found
  }
}

const filesOf = (said: string): Record<string, string> => ({
  '.github/sluice.yml': 'environments:\n  line: { branch: "line/*" }\n',
  'package.json': '{ "name": "lines", "private": true, "type": "module" }\n',
  'functions/speak.js': `export default async function speak() {\n  return ${JSON.stringify(said)}\n}\n`,
})
