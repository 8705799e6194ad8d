// Signing in, there and back, and out. A way to GitHub is good once, for ten minutes, in the browser that began it; coming back
// always makes a new session, and ends the one that was there.
import { createHash, randomBytes } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '../../errors.ts'
import { seal, unseal } from '../../sealed.ts'
import { type Console, type Pages, root } from '../context.ts'
import { show } from '../show.ts'
import { loginPage } from './login-page.ts'
import { authorizeUrl, whoCameBack } from './oauth.ts'
import { deleteSession, deleteSessionsOf, insertLogin, insertSession, takeLogin } from './sessions-store.ts'
import { createTries } from './tries.ts'

export const hashOf = (text: string) => createHash('sha256').update(text).digest('hex')

const callback = `${root}/callback`
const sessionSeconds = 7 * 86_400
const loginSeconds = 600
const belongsTo = (hash: string) => `console login ${hash}`

/** A path of the console and nothing else: never another host's. */
export function safeNext(next: unknown): string {
  const isOurs = typeof next === 'string' && next.length < 1_000 && /^\/console(?:[/?][^\\\s]*)?$/.test(next)
  return isOurs && !/\/\/|\.\./.test(next.split('?')[0] ?? '') ? next : root
}

export function sessionRoutes(web: FastifyInstance, { console, visits }: Pages): void {
  const tries = createTries()
  const anybody = { config: { console: 'anybody' } } as const
  const signedIn = { config: { console: 'signed in' } } as const
  const query = (request: FastifyRequest) => request.query as Record<string, unknown>

  web.get(`${root}/login`, anybody, (request, reply) =>
    show(request, reply, loginPage(safeNext(query(request).next), query(request).out === '1')),
  )
  web.get(`${root}/login/github`, anybody, async (request, reply) => {
    tries.demand(request.ip)
    return begin(console, reply, safeNext(query(request).next))
  })
  web.get(callback, anybody, async (request, reply) => {
    tries.demand(request.ip)
    const { code, state } = query(request)
    if (typeof code !== 'string' || typeof state !== 'string') throw notBegunHere()
    return comeBack(console, request, reply, { code, state })
  })
  web.post(`${root}/logout`, signedIn, async (request, reply) => {
    const { sessionHash, person } = visits.of(request)
    const everywhere = request.body instanceof URLSearchParams && request.body.get('everywhere') === '1'
    await (everywhere
      ? deleteSessionsOf(console.core.db, person.userId)
      : deleteSession(console.core.db, sessionHash))
    return reply
      .header('set-cookie', console.cookies.write('session', '', 0))
      .header('clear-site-data', '"cache"')
      .redirect(`${root}/login?out=1`, 303)
  })
}

async function begin(console: Console, reply: FastifyReply, next: string): Promise<FastifyReply> {
  const { core, cookies, masterKey, oauth, url } = console
  const state = randomBytes(16).toString('base64url')
  const verifier = randomBytes(32).toString('base64url')
  const hash = hashOf(state)
  await insertLogin(core.db, { hash, next, verifier: seal(masterKey, belongsTo(hash), verifier) })
  return reply
    .header('set-cookie', cookies.write('login', state, loginSeconds))
    .redirect(authorizeUrl(oauth, { state, verifier, redirectUri: `${url()}${callback}` }), 303)
}

async function comeBack(
  console: Console,
  request: FastifyRequest,
  reply: FastifyReply,
  { code, state }: { code: string; state: string },
): Promise<FastifyReply> {
  const { core, cookies, masterKey, oauth, url } = console
  const hash = hashOf(state)
  const begun = cookies.read(request, 'login') === state ? await takeLogin(core.db, hash) : null
  if (!begun) throw notBegunHere()
  const verifier = unseal(masterKey, belongsTo(hash), begun.verifier)
  const person = await whoCameBack(oauth, { code, verifier, redirectUri: `${url()}${callback}` })
  const before = cookies.read(request, 'session')
  if (before !== null) await deleteSession(core.db, hashOf(before))
  const session = randomBytes(32).toString('base64url')
  await insertSession(core.db, { ...person, hash: hashOf(session) })
  return reply
    .header('set-cookie', [cookies.write('session', session, sessionSeconds), cookies.write('login', '', 0)])
    .redirect(begun.next, 303)
}

const notBegunHere = () =>
  new AppError(
    'forbidden',
    'This way back from GitHub was not begun in this browser, was used before, or is older than ten minutes. Sign in again.',
  )
