// One request to the server, with what is worth repeating repeated. A call that is sent again carries the key it was sent
// with, so it is accepted once.
import { SluiceError } from './errors.ts'
import { readSettings, type Settings } from './settings.ts'
import { sleep } from './sleep.ts'
import { version } from './version.ts'

export interface Request {
  method: 'GET' | 'PUT' | 'POST' | 'PATCH'
  path: string
  body?: unknown
  idempotencyKey?: string
  /** False: sent again it could be done twice. */
  repeatable: boolean
}

export interface Answer {
  status: number
  body: unknown
}

const tries = 5
const firstWaitMs = 150
const longestWaitMs = 5_000
const withinMs = 60_000

export async function send(request: Request): Promise<Answer> {
  const settings = readSettings()
  const init = toInit(settings, request)
  const url = addressOf(settings.url, request.path)
  for (let attempt = 1; ; attempt++) {
    const isLast = attempt === tries || !request.repeatable
    try {
      const answer = await once(settings, url, init)
      if (isLast || !(answer.status >= 500 || answer.status === 429)) return answer
    } catch (error) {
      if (isLast) throw unreachable(settings.url, error)
    }
    const longest = Math.min(longestWaitMs, firstWaitMs * 3 ** (attempt - 1))
    await sleep(longest / 2 + (Math.random() * longest) / 2)
  }
}

async function once(settings: Settings, url: URL, init: RequestInit): Promise<Answer> {
  const response = await settings.fetch(url.href, { ...init, signal: AbortSignal.timeout(withinMs) })
  const text = await response.text()
  return { status: response.status, body: parse(text) }
}

function toInit(settings: Settings, { method, body, idempotencyKey }: Request): RequestInit {
  const headers: Record<string, string> = {
    authorization: `Bearer ${settings.token}`,
    'user-agent': `sluice-client/${version}`,
    ...settings.place,
  }
  if (idempotencyKey !== undefined) headers['idempotency-key'] = idempotencyKey
  if (body !== undefined) headers['content-type'] = 'application/json'
  return {
    method,
    headers,
    ...(body === undefined ? {} : { body: toJson(body) }),
    // Frameworks keep answers otherwise. Older workers of Cloudflare keep none, and refuse the word.
    ...(globalThis.navigator?.userAgent === 'Cloudflare-Workers' ? {} : { cache: 'no-store' }),
  }
}

function toJson(body: unknown): string {
  try {
    return JSON.stringify(body)
  } catch (cause) {
    throw new SluiceError('The arguments cannot be written as JSON.', { code: 'malformed', cause })
  }
}

/** What is no JSON is somebody else's answer, a proxy's: told as text. */
function parse(text: string): unknown {
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return { message: text.slice(0, 500) }
  }
}

function addressOf(base: string, path: string): URL {
  try {
    const below = new URL(base)
    return new URL(below.pathname.replace(/\/+$/, '') + path, below)
  } catch (cause) {
    throw new SluiceError(
      `SLUICE_URL is "${base}", which is no address such as https://sluice.example.com.`,
      {
        code: 'misconfigured',
        cause,
      },
    )
  }
}

function unreachable(url: string, cause: unknown): SluiceError {
  const why = cause instanceof Error ? (cause.cause instanceof Error ? cause.cause : cause).message : ''
  return new SluiceError(`Sluice at ${url} did not answer: ${why}`, { code: 'unreachable', cause })
}

/** The error for an answer that is none of those expected. */
export function refused({ status, body }: Answer, Kind: typeof SluiceError = SluiceError): SluiceError {
  const said = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {}
  const message = typeof said.message === 'string' ? said.message : `Sluice answered ${status}.`
  return new Kind(message, { status, code: typeof said.error === 'string' ? said.error : undefined })
}
