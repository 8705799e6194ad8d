// A server as commands ask it: HTTP, answers parsed by the shapes of the API, mistakes as the AppError the server made. The key
// goes to that server alone: a redirect is not followed. What only reads is asked again when the way there fails.
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { printable } from '../builds/plain-text.ts'
import { AppError, type Code, codes, messageOf } from '../errors.ts'

export type Query = Record<string, string | number | boolean | undefined>

export interface Server {
  url: string
  /** The environment that is asked about; undefined: that of the key. */
  environment: string | undefined
  get<T extends z.ZodType>(path: string, query: Query, shape: T): Promise<z.output<T>>
  send<T extends z.ZodType>(
    method: 'POST' | 'PUT' | 'DELETE',
    path: string,
    body: unknown,
    shape: T,
    query?: Query,
  ): Promise<z.output<T>>
}

export interface Login {
  url: string
  key: string
  environment: string | undefined
}

const answerWithinMs = 60_000
const waitsMs = [500, 1_000, 2_000]
const ErrorBody = z.object({ error: z.string(), message: z.string(), details: z.unknown().optional() })

export function connectTo({ url, key, environment }: Login): Server {
  const addressOf = (path: string, query: Query): URL => {
    const address = new URL(`${url}/api${path}`)
    for (const [name, value] of Object.entries({ environment, ...query }))
      if (value !== undefined) address.searchParams.set(name, String(value))
    return address
  }
  async function ask(method: string, address: URL, body: unknown): Promise<Response> {
    try {
      return await fetch(address, {
        method,
        redirect: 'error',
        signal: AbortSignal.timeout(answerWithinMs),
        headers: {
          authorization: `Bearer ${key}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
    } catch (error) {
      throw new AppError('unavailable', `${url} is out of reach: ${reasonOf(error)}.`, undefined, {
        cause: error,
      })
    }
  }
  return {
    url,
    environment,
    async get(path, query, shape) {
      const address = addressOf(path, query)
      for (let tried = 0; ; tried++) {
        try {
          return await answerOf(url, await ask('GET', address, undefined), shape)
        } catch (error) {
          const waitMs = waitsMs[tried]
          if (waitMs === undefined || !(error instanceof AppError) || error.code !== 'unavailable')
            throw error
          await sleep(waitMs)
        }
      }
    },
    async send(method, path, body, shape, query = {}) {
      return answerOf(url, await ask(method, addressOf(path, query), body), shape)
    },
  }
}

/** A failed fetch says "fetch failed"; what happened is in its cause. */
function reasonOf(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return 'it does not answer'
  const cause = error instanceof Error ? error.cause : undefined
  const inner = cause instanceof AggregateError ? cause.errors[0] : cause
  if (inner instanceof Error && inner.message.includes('redirect'))
    return 'it redirects elsewhere; give that address'
  return messageOf(inner ?? error)
}

async function answerOf<T extends z.ZodType>(
  url: string,
  response: Response,
  shape: T,
): Promise<z.output<T>> {
  const body = await bodyOf(response)
  if (!response.ok) throw errorOf(url, response.status, body)
  const parsed = shape.safeParse(body)
  if (parsed.success) return parsed.data
  const where = parsed.error.issues[0]?.path.join('.') || 'the answer'
  throw new AppError(
    'internal',
    `${url} answered what this version of sluice does not understand (${where}). Is it a Sluice, and of the same version?`,
  )
}

async function bodyOf(response: Response): Promise<unknown> {
  try {
    return await response.json()
  } catch {
    return undefined
  }
}

function errorOf(url: string, status: number, body: unknown): AppError {
  const told = ErrorBody.safeParse(body)
  const code = codeOf(status, told.success ? told.data.error : '')
  if (!told.success)
    return new AppError(code, `${url} answered ${status} and did not say why. Is it a Sluice?`)
  return new AppError(code, printable(told.data.message), { server: told.data.error })
}

function codeOf(status: number, told: string): Code {
  const all = Object.keys(codes) as Code[]
  const byName = all.find(code => code === told)
  if (byName) return byName === 'internal' ? 'unavailable' : byName
  if (status >= 500) return 'unavailable'
  return all.find(code => codes[code].status === status) ?? 'invalid'
}
