// The repository on the local GitHub, and the people in it: who pushes, comments, and presses "Redeliver".
import path from 'node:path'
import { createHub, type Hub } from '../sandbox/demo/hub.ts'
import { waitFor } from '../sandbox/demo/wait.ts'
import { collaborators, type Sandbox } from '../sandbox/start.ts'
import { clone } from '../sandbox/testing/checkout.ts'
import { filesOf } from './project.ts'

export const repository = 'acme/chaos'

export interface Repository {
  hub: Hub
  issue: number
  /** By the marker in their code. */
  commits: readonly string[]
  /** Commits and pushes code with the next marker; the commit. */
  push(): Promise<string>
  /** As the maintainer; nobody waits for the answer. */
  comment(body: string): Promise<void>
  /** Until every webhook has been answered 2xx. */
  redeliver(): Promise<void>
}

interface Place {
  sandbox: Sandbox
  folder: string
  ledgerUrl: string
}

export async function openRepository({ sandbox, folder, ledgerUrl }: Place): Promise<Repository> {
  const { github, tokens } = sandbox
  const [owner = '', name = ''] = repository.split('/')
  const token = tokens.alice ?? ''
  await github.createRepository({ owner, name, collaborators })
  await github.install(owner)
  const hub = createHub(github.apiUrl, repository, tokens)
  const working = await clone(
    github.url,
    repository,
    { login: 'alice', token },
    path.join(folder, 'checkout'),
  )
  const commits: string[] = []
  const issue = await hub.openIssue('Chaos')
  let last: Promise<unknown> = Promise.resolve()

  async function pushNext(): Promise<string> {
    const marker = commits.push('') - 1
    const sha = await working.commit(`Code ${marker}`, await filesOf(ledgerUrl, marker))
    commits[marker] = sha
    await working.push('origin', 'HEAD')
    return sha
  }

  return {
    ...{ hub, issue, commits },
    push() {
      const pushed = last.then(pushNext)
      last = pushed.catch(() => {})
      return pushed
    },
    async comment(body) {
      const response = await fetch(`${github.apiUrl}/repos/${repository}/issues/${issue}/comments`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ body }),
      })
      if (!response.ok) throw new Error(`comment: ${response.status} ${await response.text()}`)
    },
    redeliver: () =>
      waitFor('every webhook to be answered', async () => {
        await github.settled()
        const open = [...Map.groupBy(github.deliveries(), one => one.guid).values()].filter(
          tries => !tries.some(one => one.statusCode >= 200 && one.statusCode < 300),
        )
        for (const [newest] of open) if (newest) github.redeliver(newest.id)
        return open.length === 0 ? undefined : null
      }),
  }
}
