// What a handler answers with when it is not simply "200 and this JSON", and the error it throws to refuse.
import type { Html } from '../html.ts'

export class Reply {
  readonly status: number
  readonly body: Buffer | string
  readonly headers: Record<string, string>
  constructor(status: number, body: Buffer | string = '', headers: Record<string, string> = {}) {
    this.status = status
    this.body = body
    this.headers = headers
  }
}

export class HttpError extends Error {
  readonly status: number
  readonly extra: Record<string, unknown>
  constructor(status: number, message: string, extra: Record<string, unknown> = {}) {
    super(message)
    this.status = status
    this.extra = extra
  }
}

export function json(status: number, body: unknown, headers: Record<string, string> = {}): Reply {
  return new Reply(status, JSON.stringify(body), {
    'Content-Type': 'application/json; charset=utf-8',
    ...headers,
  })
}

export const created = (body: unknown): Reply => json(201, body)
export const noContent = (): Reply => new Reply(204)

export function redirect(location: string, status = 302): Reply {
  return new Reply(status, '', { Location: location })
}

export function page(content: Html, status = 200): Reply {
  return new Reply(status, `<!doctype html>\n${content.text}`, {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy':
      "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'",
    'Cache-Control': 'no-store',
  })
}

/** The value, or a refusal when there is none. */
export function need<T>(value: T | null | undefined | false, status = 404, message = 'Not Found'): T {
  if (value === null || value === undefined || value === false) throw new HttpError(status, message)
  return value
}
