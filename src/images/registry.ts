// A registry over HTTP (OCI distribution): who asks is told by user and password, or by a token that the registry says where to
// get. Credentials go to the registry they are for and to where it sends for tokens, nowhere else.
import { AppError } from '../errors.ts'

export interface Credentials {
  user: string
  password: string
}

export interface Registry {
  /** Null: 404. @throws for anything else that is no success. */
  ask(method: string, path: string, more?: Ask): Promise<Response | null>
}

interface Ask {
  headers?: Record<string, string>
  body?: Buffer
  /** What is asked for at the token service, where there is one. */
  scope: string
}

const withinMs = 120_000

export function createRegistry(address: string, credentials: Credentials | null): Registry {
  const known = new Map<string, string>()
  const { origin } = new URL(address)

  async function once(method: string, url: URL, { headers, body, scope }: Ask): Promise<Response> {
    const authorization = url.origin === origin ? known.get(scope) : undefined
    return fetch(url, {
      method,
      headers: { ...headers, ...(authorization ? { authorization } : {}) },
      ...(body ? { body: new Uint8Array(body) } : {}),
      signal: AbortSignal.timeout(withinMs),
    })
  }

  return {
    async ask(method, path, more) {
      const url = new URL(path, address)
      const asked = more ?? { scope: '' }
      let response = await once(method, url, asked)
      if (response.status === 401 && url.origin === origin) {
        await response.body?.cancel()
        known.set(asked.scope, await answerTo(response, asked.scope, credentials, origin))
        response = await once(method, url, asked)
      }
      if (response.ok) return response
      const text = (await response.text()).slice(0, 500)
      if (response.status === 404) return null
      const what = `${method} ${url.pathname} at ${origin}`
      const code = response.status === 401 || response.status === 403 ? 'misconfigured' : 'unavailable'
      throw new AppError(
        code,
        code === 'misconfigured'
          ? `The registry refuses ${what} (${response.status}). Set SLUICE_REGISTRY_USER and SLUICE_REGISTRY_PASSWORD to somebody who may push there.`
          : `The registry answered ${response.status} to ${what}: ${text}`,
      )
    },
  }
}

/** What to send as Authorization, by what the registry asks for. */
async function answerTo(
  response: Response,
  scope: string,
  credentials: Credentials | null,
  origin: string,
): Promise<string> {
  const challenge = response.headers.get('www-authenticate') ?? ''
  const basic = credentials
    ? `Basic ${Buffer.from(`${credentials.user}:${credentials.password}`).toString('base64')}`
    : null
  if (/^basic/i.test(challenge) && basic) return basic
  const { realm, service } = fieldsOf(challenge)
  if (!/^bearer/i.test(challenge) || !realm)
    throw new AppError(
      'misconfigured',
      `${origin} asks for a user: set SLUICE_REGISTRY_USER and SLUICE_REGISTRY_PASSWORD.`,
    )
  const url = new URL(realm, origin)
  if (url.protocol === 'http:' && origin.startsWith('https:'))
    throw new AppError(
      'misconfigured',
      `${origin} sends for tokens to ${url.origin}, unencrypted. Nothing was sent there.`,
    )
  if (service) url.searchParams.set('service', service)
  if (scope) for (const one of scope.split(' ')) url.searchParams.append('scope', one)
  const answer = await fetch(url, {
    headers: basic ? { authorization: basic } : {},
    signal: AbortSignal.timeout(withinMs),
  })
  const body = answer.ok ? ((await answer.json()) as { token?: unknown; access_token?: unknown }) : {}
  const token = body.token ?? body.access_token
  if (typeof token === 'string') return `Bearer ${token}`
  throw new AppError(
    'misconfigured',
    `${url.origin} gave no token for ${origin} (${answer.status}): look at SLUICE_REGISTRY_USER and SLUICE_REGISTRY_PASSWORD.`,
  )
}

function fieldsOf(challenge: string): Record<string, string> {
  return Object.fromEntries(
    [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [
      name.toLowerCase(),
      value,
    ]),
  )
}
