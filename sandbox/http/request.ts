// Reads a request: its body with an upper bound, and what the body says by its content type.
import type { IncomingMessage } from 'node:http'
import { HttpError } from './reply.ts'

const maxBytes = 30 * 1024 * 1024

export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk)
    size += bytes.length
    if (size > maxBytes) throw new HttpError(413, 'Payload too large')
    chunks.push(bytes)
  }
  return Buffer.concat(chunks)
}

/** JSON by default, as GitHub and Slack do; a form becomes an object whose repeated fields are lists. */
export function parseBody(raw: Buffer, contentType: string | undefined): unknown {
  const text = raw.toString('utf8')
  if (!text) return {}
  if (contentType?.includes('application/x-www-form-urlencoded')) return formFields(text)
  try {
    return JSON.parse(text)
  } catch {
    throw new HttpError(400, 'Problems parsing JSON')
  }
}

function formFields(text: string): Record<string, string | string[]> {
  const form = new URLSearchParams(text)
  const fields: Record<string, string | string[]> = {}
  for (const name of new Set(form.keys())) {
    const values = form.getAll(name)
    fields[name] = values.length > 1 ? values : (values[0] ?? '')
  }
  return fields
}

/** True when a browser form was sent from our own pages. Requests without these headers come from no browser. */
export function isSameOrigin(headers: IncomingMessage['headers']): boolean {
  const site = headers['sec-fetch-site']
  if (site !== undefined) return site === 'same-origin'
  const origin = headers.origin
  if (origin === undefined) return true
  return origin === `http://${headers.host}`
}
