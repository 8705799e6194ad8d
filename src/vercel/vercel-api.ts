// Vercel's API, as far as variables of a project go. The token goes there alone: a redirect is not followed.
import { z } from 'zod'
import { AppError } from '../errors.ts'

export const targets = ['production', 'preview', 'development'] as const
export type Target = (typeof targets)[number]

const Variable = z.object({
  id: z.string().min(1),
  key: z.string(),
  value: z.string().nullish(),
  type: z.string(),
  target: z.union([z.array(z.string()), z.string().transform(one => [one])]).nullish(),
  gitBranch: z.string().nullish(),
})
export type VercelVariable = z.infer<typeof Variable>
const Page = z.object({
  envs: z.array(Variable),
  pagination: z.object({ next: z.union([z.string(), z.number()]).nullish() }).nullish(),
})

export interface NewVariable {
  key: string
  value: string
  target: Target[]
  gitBranch?: string
}

export interface VercelProject {
  /** With their values, but for those that Vercel shows to nobody. */
  variables(): Promise<VercelVariable[]>
  add(variable: NewVariable): Promise<void>
  change(id: string, value: string): Promise<void>
}

interface Access {
  url: string
  token: string
  project: string
  /** Its id (team_…) or its name in the address; null: the token's own account. */
  team: string | null
}

const withinMs = 30_000
const mostPages = 100

export function openProject({ url, token, project, team }: Access): VercelProject {
  async function ask(method: string, path: string, query: Record<string, string>, body?: unknown) {
    const address = new URL(path, url)
    const scope = team === null ? {} : team.startsWith('team_') ? { teamId: team } : { slug: team }
    for (const [name, value] of Object.entries({ ...scope, ...query })) address.searchParams.set(name, value)
    const response = await fetch(address, {
      method,
      redirect: 'error',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(withinMs),
    }).catch(cause => {
      throw new AppError('unavailable', `Vercel at ${url} is out of reach.`, undefined, { cause })
    })
    if (response.ok) return response.json()
    throw refusal(response.status, project, await response.json().catch(() => null))
  }
  const path = `projects/${encodeURIComponent(project)}/env`
  return {
    async variables() {
      const all: VercelVariable[] = []
      let until: string | null = null
      for (let page = 0; page < mostPages; page++) {
        const query: Record<string, string> = { decrypt: 'true', ...(until === null ? {} : { until }) }
        const { envs, pagination } = Page.parse(await ask('GET', `/v10/${path}`, query))
        all.push(...envs)
        if (pagination?.next == null) return all
        until = String(pagination.next)
      }
      return all
    },
    async add(variable) {
      await ask('POST', `/v10/${path}`, {}, { ...variable, type: 'encrypted' })
    },
    async change(id, value) {
      await ask('PATCH', `/v9/${path}/${encodeURIComponent(id)}`, {}, { value })
    },
  }
}

const Refusal = z.object({ error: z.object({ code: z.string(), message: z.string().max(1_000) }) })

function refusal(status: number, project: string, body: unknown): AppError {
  const told = Refusal.safeParse(body)
  const why = told.success ? told.data.error.message : `it answered ${status}`
  if (status === 401 || status === 403)
    return new AppError(
      'forbidden',
      `Vercel refuses VERCEL_TOKEN for the project "${project}": ${why}. Make a token at vercel.com/account/tokens, and name the team by --team.`,
    )
  if (status === 404)
    return new AppError('not_found', `Vercel knows no project "${project}" here: ${why}. Is it of a --team?`)
  return new AppError(status >= 500 ? 'unavailable' : 'invalid', `Vercel: ${why}`)
}
