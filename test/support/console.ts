// The console over real HTTP, signed in through the local GitHub: a browser that keeps cookies, and people with their roles there.
import { onTestFinished } from 'vitest'
import { type ConsoleDeps, consolePages } from '../../src/console/console.ts'
import { createPayloads } from '../../src/executions/payloads.ts'
import { createIsInTeam, createRoleOf } from '../../src/github/role-of.ts'
import { createWeb } from '../../src/web.ts'
import { log, type World } from './github-world.ts'
import { createTestCore } from './place.ts'

export const masterKey = 'a master key for tests, nothing more'

export interface Browser {
  cookies: Map<string, string>
  /** Never follows. */
  get(path: string, headers?: Record<string, string>): Promise<Answer>
  /** As the form of a page: with its token. */
  send(path: string, fields: Record<string, string>, from?: string): Promise<Answer>
  post(path: string, fields: Record<string, string>, headers?: Record<string, string>): Promise<Answer>
}

export interface Answer {
  status: number
  text: string
  to: string | null
  headers: Headers
}

const noArtifacts = {
  put: async () => 'sha256:none',
  get: async () => new Uint8Array() as never,
  has: async () => false,
  delete: async () => {},
}

export async function openConsole(world: World, change: Partial<ConsoleDeps> = {}) {
  const { url: githubUrl, apiUrl, app } = world.config.github
  const { db } = world
  let url = ''
  const core = { ...createTestCore(db), payloads: createPayloads(db, noArtifacts as never) }
  const web = await createWeb(
    [
      consolePages({
        core,
        masterKey,
        url: () => url,
        githubUrl,
        oauth: { githubUrl, apiUrl, clientId: app?.clientId ?? '', clientSecret: app?.clientSecret ?? '' },
        github: { roleOf: createRoleOf(world.github), isInTeam: createIsInTeam(world.github) },
        wake: () => {},
        log,
        ...change,
      }),
    ],
    async () => {},
    log,
  )
  url = await web.listen('127.0.0.1', 0)
  onTestFinished(() => web.close())
  /** Takes the way to GitHub as this person, up to the address it sends back to. */
  async function wayBack(browser: Browser, login: string, next = '/console'): Promise<string> {
    const there = await browser.get(`/console/login/github?next=${encodeURIComponent(next)}`)
    const response = await fetch(`${there.to}&login=${login}`, { redirect: 'manual' })
    return response.headers.get('location') ?? ''
  }
  async function signIn(login: string): Promise<Browser> {
    const browser = createBrowser(url)
    const back = await wayBack(browser, login)
    const answer = await browser.get(back)
    if (answer.status !== 303) throw new Error(`${login} could not sign in: ${answer.status} ${answer.text}`)
    return browser
  }
  return { url, core, wayBack, signIn, browser: () => createBrowser(url) }
}

export function createBrowser(url: string): Browser {
  const cookies = new Map<string, string>()
  async function ask(path: string, init: RequestInit): Promise<Answer> {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = { ...(init.headers as Record<string, string>), ...(cookie ? { cookie } : {}) }
    const response = await fetch(new URL(path, url), { ...init, headers, redirect: 'manual' })
    for (const set of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? []
      if (value === '' || /max-age=0/i.test(set)) cookies.delete(name)
      else cookies.set(name, value)
    }
    const to = response.headers.get('location')
    return { status: response.status, text: await response.text(), to, headers: response.headers }
  }
  const post: Browser['post'] = (path, fields, headers = {}) =>
    ask(path, { method: 'POST', body: new URLSearchParams(fields), headers })
  return {
    cookies,
    get: (path, headers = {}) => ask(path, { headers }),
    post,
    async send(path, fields, from = path) {
      const page = await ask(from, {})
      const token = /name="token" value="([^"]+)"/.exec(page.text)?.[1] ?? ''
      return post(path, { token, ...fields }, { 'sec-fetch-site': 'same-origin' })
    },
  }
}
