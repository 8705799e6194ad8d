// Whether a request to a function is signed, by a key of that function, just now, and for the first time. The bytes are kept as they
// came while they are parsed: what was signed is not what JSON makes of them.
import { Transform } from 'node:stream'
import type { FastifyRequest, preParsingAsyncHookHandler } from 'fastify'
import type { Db } from '../../db/client.ts'
import { AppError } from '../../errors.ts'
import { openSecret } from './secret.ts'
import { forgetAt, isCurrent, isRight, macOf } from './signature.ts'
import { findUsableSigningKey, signingKeyUsed, useSignature } from './signing-store.ts'

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const longest = 200

const raw = new WeakMap<FastifyRequest, Buffer[]>()

/** For a route that calls `demandSignature`. Fastify's limit of a body ends it early. */
export const keepRawBody: preParsingAsyncHookHandler = async (request, _reply, payload) => {
  const chunks: Buffer[] = []
  raw.set(request, chunks)
  const kept = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      chunks.push(chunk)
      done(null, chunk)
    },
  })
  payload.on('error', error => kept.destroy(error))
  return payload.pipe(kept)
}

/** @throws AppError `unauthorized`, with what is wrong. */
export async function demandSignature(
  db: Db,
  masterKey: string,
  functionId: string,
  request: FastifyRequest,
): Promise<void> {
  const refuse = (message: string) => new AppError('unauthorized', message)
  const id = headerOf(request, 'x-api-key')
  const timestamp = headerOf(request, 'x-timestamp')
  const signature = headerOf(request, 'x-signature')
  if (id === null || timestamp === null || signature === null)
    throw refuse(
      'This function takes signed requests only: send X-Api-Key (the id of a signing key), X-Timestamp (Unix seconds) and X-Signature (base64 of HMAC-SHA256 over "{timestamp}:{raw body}").',
    )
  const key = uuid.test(id) ? await findUsableSigningKey(db, functionId, id) : null
  if (!key) throw refuse('The signing key is unknown, expired or revoked, or of another function.')
  if (!isCurrent(timestamp, key.now))
    throw refuse('X-Timestamp must be the time of the request in Unix seconds, 300 seconds off at most.')
  const mac = macOf(openSecret(masterKey, id, key.sealed), timestamp, Buffer.concat(raw.get(request) ?? []))
  if (!isRight(mac, signature))
    throw refuse('X-Signature is not right: sign "{timestamp}:{raw body}", the body as it is sent.')
  // By what was signed, not by its text: base64 can be written in several ways.
  if (!(await useSignature(db, mac.toString('base64'), forgetAt(timestamp))))
    throw refuse('This signature was accepted before; sign each request anew.')
  void signingKeyUsed(db, id).catch(() => {})
}

function headerOf({ headers }: FastifyRequest, name: string): string | null {
  const value = headers[name]
  return typeof value === 'string' && value.length > 0 && value.length <= longest ? value : null
}
