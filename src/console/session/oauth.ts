// Signing in with the GitHub App: the way there, and who came back. The token that GitHub gives is used once, to ask whose it is, and
// forgotten: what somebody may do is asked with the App's own rights, for each repository (rights.ts).
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { AppError } from '../../errors.ts'
import type { Person } from './sessions-store.ts'

export interface OAuth {
  githubUrl: string
  apiUrl: string
  clientId: string
  clientSecret: string
}

const timeoutMs = 15_000
const Granted = z.object({ access_token: z.string().min(1) })
const Refused = z.object({ error: z.string() })
const User = z.object({ id: z.int().positive(), login: z.string().regex(/^[A-Za-z0-9_-]{1,100}$/) })

export const challengeOf = (verifier: string) => createHash('sha256').update(verifier).digest('base64url')

interface Way {
  state: string
  verifier: string
  redirectUri: string
}

export function authorizeUrl({ githubUrl, clientId }: OAuth, { state, verifier, redirectUri }: Way): string {
  const query = new URLSearchParams({
    client_id: clientId,
    redirect_uri: redirectUri,
    state,
    code_challenge: challengeOf(verifier),
    code_challenge_method: 'S256',
    allow_signup: 'false',
  })
  return `${githubUrl}/login/oauth/authorize?${query}`
}

/** @throws AppError `forbidden` where GitHub knows of no such way, `unavailable` where it cannot be asked. */
export async function whoCameBack(
  oauth: OAuth,
  { code, verifier, redirectUri }: { code: string; verifier: string; redirectUri: string },
): Promise<Person> {
  const { clientId, clientSecret, githubUrl, apiUrl } = oauth
  const answer = await ask(`${githubUrl}/login/oauth/access_token`, {
    method: 'POST',
    headers: { accept: 'application/json' },
    body: new URLSearchParams({
      ...{ client_id: clientId, client_secret: clientSecret, code },
      ...{ redirect_uri: redirectUri, code_verifier: verifier },
    }),
  })
  const granted = Granted.safeParse(answer)
  if (!granted.success) throw refusal(answer)
  const authorization = `Bearer ${granted.data.access_token}`
  const user = await ask(`${apiUrl}/user`, {
    headers: { authorization, accept: 'application/vnd.github+json' },
  })
  const { id: userId, login } = User.parse(user)
  return { userId, login }
}

function refusal(answer: unknown): AppError {
  const said = Refused.safeParse(answer)
  return said.success && said.data.error === 'incorrect_client_credentials'
    ? new AppError(
        'misconfigured',
        'GitHub does not know this App’s client. Check GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET.',
      )
    : new AppError(
        'forbidden',
        'GitHub did not accept this sign-in: it was used before, or is too old. Sign in again.',
      )
}

async function ask(url: string, init: RequestInit): Promise<unknown> {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(timeoutMs), redirect: 'error' })
    if (response.ok) return await response.json()
    throw new Error(`it answered ${response.status}`)
  } catch (error) {
    throw new AppError(
      'unavailable',
      'GitHub could not be asked who you are. Try again in a while.',
      undefined,
      {
        cause: error,
      },
    )
  }
}
