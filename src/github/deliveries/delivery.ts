// One webhook delivery, read from its headers and verified bytes. Pure. Only what is needed to store and route it: the
// handlers read the payload themselves.
import { z } from 'zod'
import { AppError } from '../../errors.ts'

export interface Delivery {
  id: string
  event: string
  action: string | null
  installationId: number | null
  repositoryId: number | null
  payload: string
}

const Headers = z.object({
  'x-github-delivery': z.string().regex(/^[\w-]{1,100}$/),
  'x-github-event': z.string().regex(/^[a-z0-9_]{1,60}$/),
})
const named = z.object({ id: z.int().positive() }).nullish().catch(null)
const Routed = z.object({
  action: z
    .string()
    .regex(/^\w{1,100}$/)
    .nullish()
    .catch(null),
  installation: named,
  repository: named,
})

/** @throws AppError `malformed`, naming what is missing. */
export function parseDelivery(headers: Record<string, unknown>, body: Uint8Array): Delivery {
  const said = Headers.safeParse(headers)
  if (!said.success) {
    const missing = said.error.issues.map(issue => issue.path.join('.')).join(', ')
    throw new AppError('malformed', `Not a GitHub delivery: ${missing} is missing or malformed.`)
  }
  const payload = decode(body)
  const { action, installation, repository } = Routed.parse(parseObject(payload))
  return {
    id: said.data['x-github-delivery'],
    event: said.data['x-github-event'],
    action: action ?? null,
    installationId: installation?.id ?? null,
    repositoryId: repository?.id ?? null,
    payload,
  }
}

/** Bytes that are no UTF-8 would be stored as something else than what was verified. */
function decode(body: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body)
  } catch {
    throw new AppError('malformed', 'The payload is not UTF-8.')
  }
}

function parseObject(payload: string): object {
  const parsed = parseJson(payload)
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed
  throw new AppError('malformed', 'The payload is not a JSON object.')
}

function parseJson(payload: string): unknown {
  try {
    return JSON.parse(payload)
  } catch {
    throw new AppError('malformed', 'The payload is not valid JSON.')
  }
}
