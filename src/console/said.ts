// What became of a form, shown on the page that comes next: kept in a sealed cookie for a minute, read once.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { seal, unseal } from '../sealed.ts'
import type { Console, Said } from './context.ts'

const belongsTo = 'console: what was said'
const Stored = z.object({ kind: z.enum(['done', 'noop', 'refused']), message: z.string() })
const longest = 1_500

/** Answers a form: back to a page, which says what happened. */
export function goTo(
  { cookies, masterKey }: Console,
  reply: FastifyReply,
  path: string,
  { kind, message }: Said,
): FastifyReply {
  const sealed = seal(masterKey, belongsTo, JSON.stringify({ kind, message: message.slice(0, longest) }))
  return reply.header('set-cookie', cookies.write('said', encodeURIComponent(sealed), 60)).redirect(path, 303)
}

export function readSaid({ cookies, masterKey }: Console, request: FastifyRequest): Said | null {
  const sealed = cookies.read(request, 'said')
  if (sealed === null) return null
  try {
    return Stored.parse(JSON.parse(unseal(masterKey, belongsTo, decodeURIComponent(sealed))))
  } catch {
    return null
  }
}
