// Who calls: a personal or installation token, an App's signed JWT, or nobody. Unknown credentials are refused, never
// taken for somebody.
import { createPublicKey, createVerify } from 'node:crypto'
import * as z from 'zod'
import { HttpError } from '../http/reply.ts'
import type { Auth } from './permission.ts'
import type { App } from './state.ts'
import { appById, botLogin, type World } from './world.ts'

export function authenticate(world: World, header: string | undefined): Auth {
  if (!header) return { kind: 'anonymous' }
  const [scheme = '', value = ''] = header.split(' ')
  const token = scheme.toLowerCase() === 'basic' ? basicToken(value) : value
  return token.split('.').length === 3 ? appFromJwt(world, token) : fromToken(world, token)
}

/** Git sends the token as the password, or (with an empty password) as the user name. */
function basicToken(value: string): string {
  const [user = '', ...password] = Buffer.from(value, 'base64').toString().split(':')
  return password.join(':') || user
}

function fromToken(world: World, token: string): Auth {
  const record = Object.hasOwn(world.state.tokens, token) ? world.state.tokens[token] : undefined
  if (!record) throw new HttpError(401, 'Bad credentials')
  if (record.kind === 'user') return { kind: 'user', login: record.login }
  const installation = world.state.installations.find(candidate => candidate.id === record.installation)
  if (!installation || record.expiresAt < Date.now()) throw new HttpError(401, 'Bad credentials')
  if (installation.suspendedAt) throw new HttpError(403, 'This installation has been suspended')
  return {
    kind: 'installation',
    installation,
    permissions: record.permissions,
    repositories: record.repositories,
  }
}

const headerSchema = z.object({ alg: z.literal('RS256') })
const claimsSchema = z.object({ iss: z.coerce.string(), iat: z.number(), exp: z.number() })

function appFromJwt(world: World, token: string): Auth {
  const [header = '', payload = '', signature = ''] = token.split('.')
  const claims = decode(payload, claimsSchema)
  const app = world.state.apps.find(
    ({ id, clientId }) => String(id) === claims?.iss || clientId === claims?.iss,
  )
  const signed = app && decode(header, headerSchema) && isSigned(app, `${header}.${payload}`, signature)
  if (!claims || !signed) throw new HttpError(401, 'A JSON web token could not be decoded')
  const seconds = Date.now() / 1000
  if (claims.exp < seconds)
    throw new HttpError(401, "'Expiration time' claim ('exp') must be a numeric value in the future")
  if (claims.exp > seconds + 660)
    throw new HttpError(401, "'Expiration time' claim ('exp') is too far in the future")
  if (claims.iat > seconds + 60)
    throw new HttpError(401, "'Issued at' claim ('iat') must be an Integer in the past")
  return { kind: 'app', app: app.id }
}

function decode<T>(part: string, schema: z.ZodType<T>): T | null {
  try {
    const parsed = schema.safeParse(JSON.parse(Buffer.from(part, 'base64url').toString()))
    return parsed.success ? parsed.data : null
  } catch {
    return null
  }
}

function isSigned(app: App, text: string, signature: string): boolean {
  return createVerify('RSA-SHA256')
    .update(text)
    .verify(createPublicKey(app.privateKey), signature, 'base64url')
}

/** The login an action is done as; an App without an installation is nobody in a repository. */
export function loginOf(world: World, auth: Auth): string {
  if (auth.kind === 'user') return auth.login
  if (auth.kind === 'installation') return botLogin(appById(world, auth.installation.app))
  throw new HttpError(401, 'Requires authentication')
}
