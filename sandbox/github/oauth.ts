// Signing in with GitHub: the authorize page's decision, and the exchange of its code for a token, with the checks
// (client secret, redirect, PKCE) an app could get wrong.
import { createHash } from 'node:crypto'
import * as z from 'zod'
import { HttpError, json, Reply } from '../http/reply.ts'
import { newToken } from './accounts.ts'
import { issueCode, redeemCode } from './apps.ts'
import type { App } from './state.ts'
import type { World } from './world.ts'

export type AuthorizeRequest = {
  app: App
  redirectUri: string
  state: string | null
  challenge: string | null
}

export function readAuthorize(world: World, query: URLSearchParams): AuthorizeRequest {
  const app = world.state.apps.find(candidate => candidate.clientId === query.get('client_id'))
  if (!app) throw new HttpError(404, 'No App has this client_id')
  const redirectUri = query.get('redirect_uri') ?? app.callbackUrls[0]
  if (!redirectUri || !isAllowed(app, redirectUri)) {
    throw new HttpError(400, 'The redirect_uri is not associated with this application.')
  }
  const challenge = query.get('code_challenge')
  if (challenge && query.get('code_challenge_method') !== 'S256') {
    throw new HttpError(400, 'code_challenge_method must be S256')
  }
  return { app, redirectUri, state: query.get('state'), challenge }
}

/** An App that registered callbacks may only use those (and what lies below them). */
function isAllowed(app: App, redirectUri: string): boolean {
  if (!URL.canParse(redirectUri)) return false
  const asked = new URL(redirectUri)
  if (!/^https?:$/.test(asked.protocol)) return false
  return app.callbackUrls.length === 0 || app.callbackUrls.some(known => isBelow(asked, new URL(known)))
}

function isBelow(asked: URL, known: URL): boolean {
  const folder = known.pathname.endsWith('/') ? known.pathname : `${known.pathname}/`
  return (
    asked.origin === known.origin && (asked.pathname === known.pathname || asked.pathname.startsWith(folder))
  )
}

/** Where the person goes after choosing who to be. */
export function authorized(world: World, request: AuthorizeRequest, login: string): string {
  const code = issueCode(
    world,
    {
      kind: 'oauth',
      app: request.app.id,
      login,
      redirectUri: request.redirectUri,
      challenge: request.challenge,
    },
    600_000,
  )
  const target = new URL(request.redirectUri)
  target.searchParams.set('code', code)
  if (request.state !== null) target.searchParams.set('state', request.state)
  return target.href
}

const exchangeSchema = z.object({
  client_id: z.string(),
  client_secret: z.string(),
  code: z.string(),
  redirect_uri: z.string().optional(),
  code_verifier: z.string().optional(),
})

type Refusal = { error: string; error_description: string }
type Granted = { access_token: string; token_type: 'bearer'; scope: string }

/** Refusals have status 200, as on GitHub; the answer is a form unless JSON is accepted. */
export function exchange(world: World, body: unknown, accept: string | undefined): Reply {
  const result = grant(world, body)
  if (accept?.includes('json')) return json(200, result)
  const form = new URLSearchParams(result).toString()
  return new Reply(200, form, { 'Content-Type': 'application/x-www-form-urlencoded; charset=utf-8' })
}

function grant(world: World, body: unknown): Refusal | Granted {
  const parsed = exchangeSchema.safeParse(body)
  if (!parsed.success) return refuse('bad_verification_code', 'The code passed is incorrect or expired.')
  const { client_id, client_secret, code, redirect_uri, code_verifier } = parsed.data
  const app = world.state.apps.find(candidate => candidate.clientId === client_id)
  if (!app || app.clientSecret !== client_secret) {
    return refuse('incorrect_client_credentials', 'The client_id and/or client_secret passed are incorrect.')
  }
  const record = redeemCode(world, 'oauth', code)
  if (!record || record.app !== app.id || !isVerified(record.challenge, code_verifier)) {
    return refuse('bad_verification_code', 'The code passed is incorrect or expired.')
  }
  if (redirect_uri !== undefined && redirect_uri !== record.redirectUri) {
    return refuse('redirect_uri_mismatch', 'The redirect_uri MUST match the registered callback URL.')
  }
  const token = newToken('ghu_')
  world.state.tokens[token] = { kind: 'user', login: record.login, app: app.id }
  world.save()
  return { access_token: token, token_type: 'bearer', scope: '' }
}

const refuse = (error: string, error_description: string): Refusal => ({ error, error_description })

function isVerified(challenge: string | null, verifier: string | undefined): boolean {
  if (challenge === null) return true
  return verifier !== undefined && createHash('sha256').update(verifier).digest('base64url') === challenge
}
