// The Idempotency-Key of a request (RELIABILITY.md B23), with what tells this request from another. Pure.
import { createHash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { AppError } from '../errors.ts'
import type { OnceKey } from '../executions/once-store.ts'

const allowed = /^[\x21-\x7e]{1,255}$/

/** Null: the caller gave none. @throws AppError `malformed`. */
export function onceKeyOf(
  request: FastifyRequest,
  environmentId: string,
  /** What tells this request from another, where its body is not JSON. */
  content: unknown = request.body,
): OnceKey | null {
  const key = request.headers['idempotency-key']
  if (key === undefined) return null
  if (typeof key !== 'string' || !allowed.test(key))
    throw new AppError(
      'malformed',
      'The Idempotency-Key must be 1 to 255 printable ASCII characters without spaces; a UUID is a good one.',
    )
  const asked = JSON.stringify([request.method, request.url, content])
  return { environmentId, key, fingerprint: createHash('sha256').update(asked).digest('hex') }
}
