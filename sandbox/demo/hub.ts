// What the story does on GitHub besides pushing, and what it waits to see there: over the REST API, as one of the people.
import { waitFor } from './wait.ts'

export interface Check {
  id: number
  name: string
  status: string
  conclusion: string | null
  html_url: string
  output: { title: string | null; summary: string | null; annotations_count: number }
}

interface Comment {
  id: number
  body: string
  html_url: string
  user: { login: string }
}

interface Reaction {
  content: string
  user: { login: string }
}

export interface Hub {
  /** Waits until the environment's check on this commit has ended. */
  check(sha: string, environment: string): Promise<Check>
  /** All of a commit, of every environment. */
  checks(sha: string): Promise<Check[]>
  annotations(check: Check): Promise<{ path: string; start_line: number; message: string }[]>
  openPull(head: string, title: string): Promise<{ number: number; url: string }>
  openIssue(title: string): Promise<number>
  mergePull(number: number): Promise<void>
  /** Comments as somebody and waits for the bot's last word: its reaction, and its answer where it gave one. */
  command(
    issue: number,
    login: string,
    line: string,
  ): Promise<{ reaction: string; answer: string; url: string }>
  comments(issue: number): Promise<Comment[]>
  deployments(environment: string): Promise<{ id: number; environment: string; state: string | null }[]>
}

const lastWords = new Set(['rocket', '+1', 'confused', '-1'])

export function createHub(apiUrl: string, repository: string, tokens: Record<string, string>): Hub {
  async function call<T>(login: string, method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${apiUrl}/repos/${repository}${path}`, {
      method,
      headers: { authorization: `Bearer ${tokens[login]}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
    return (text ? JSON.parse(text) : null) as T
  }
  const comments = (issue: number) =>
    call<Comment[]>('alice', 'GET', `/issues/${issue}/comments?per_page=100`)
  const checks = async (sha: string) =>
    (
      await call<{ check_runs: Check[] }>(
        'alice',
        'GET',
        `/commits/${sha}/check-runs?per_page=100&filter=all`,
      )
    ).check_runs
  return {
    checks,
    annotations: check => call('alice', 'GET', `/check-runs/${check.id}/annotations`),
    check: (sha, environment) =>
      waitFor(`the check of ${environment} on ${sha.slice(0, 7)}`, async () => {
        const named = (await checks(sha)).filter(run => run.name === `Sluice / ${environment}`)
        const newest = named.toSorted((a, b) => b.id - a.id)[0]
        return newest?.status === 'completed' ? newest : null
      }),
    async openPull(head, title) {
      const pull = await call<{ number: number; html_url: string }>('alice', 'POST', '/pulls', {
        head,
        base: 'main',
        title,
        body: '',
      })
      return { number: pull.number, url: pull.html_url }
    },
    openIssue: async title =>
      (await call<{ number: number }>('alice', 'POST', '/issues', { title, body: '' })).number,
    mergePull: async number => void (await call('alice', 'PUT', `/pulls/${number}/merge`, {})),
    async command(issue, login, line) {
      const comment = await call<Comment>(login, 'POST', `/issues/${issue}/comments`, { body: line })
      const reaction = await waitFor(`an answer to ${line}`, async () => {
        const seen = await call<Reaction[]>('alice', 'GET', `/issues/comments/${comment.id}/reactions`)
        return seen.find(one => lastWords.has(one.content))?.content ?? null
      })
      const answer = (await comments(issue)).find(
        one => one.id > comment.id && one.user.login.endsWith('[bot]'),
      )
      return { reaction, answer: answer?.body ?? '', url: answer?.html_url ?? comment.html_url }
    },
    comments,
    async deployments(environment) {
      const found = await call<{ id: number; environment: string }[]>(
        'alice',
        'GET',
        `/deployments?environment=${environment}`,
      )
      return Promise.all(
        found.map(async one => {
          const [status] = await call<{ state: string }[]>('alice', 'GET', `/deployments/${one.id}/statuses`)
          return { ...one, state: status?.state ?? null }
        }),
      )
    },
  }
}
