// Whether a token was made by GitHub Actions, for us, just now. The keys are the issuer's own, kept for ten minutes and read again,
// at most every half minute, where a token names one that is not among them. Each way to be wrong has its own message.
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, errors, jwtVerify } from 'jose'
import { AppError, messageOf } from '../../errors.ts'
import { Claims } from './claims.ts'

export interface Issuer {
  issuer: string
  /** Our own address, known once the server listens. The audience GitHub takes by itself, the owner's address, is not it. */
  audience: () => string
  /** Between two readings of the keys. */
  cooldownMs?: number
}

export type VerifyToken = (token: string) => Promise<Claims>

const toleranceSeconds = 60
const oldest = '10m' // GitHub's last five minutes

const refuse = (message: string) => new AppError('unauthorized', message)

export function createTokenVerifier({ issuer, audience, cooldownMs = 30_000 }: Issuer): VerifyToken {
  const keys = createRemoteJWKSet(new URL(`${issuer}/.well-known/jwks`), {
    cacheMaxAge: 600_000,
    cooldownDuration: cooldownMs,
    timeoutDuration: 5_000,
  })
  return async token => {
    lookAtForm(token, issuer)
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        audience: audience(),
        algorithms: ['RS256'],
        clockTolerance: toleranceSeconds,
        maxTokenAge: oldest,
        requiredClaims: ['exp', 'iat', 'nbf', 'jti'],
      })
      const claims = Claims.safeParse(payload)
      if (claims.success) return claims.data
      const missing = [...new Set(claims.error.issues.map(issue => issue.path.join('.')))].join(', ')
      throw refuse(`The token says nothing usable as ${missing}.`)
    } catch (error) {
      throw answerOf(error, issuer, audience())
    }
  }
}

/** Before any key is looked for: it grants nothing, and tells a mistake from an attack. */
function lookAtForm(token: string, issuer: string): void {
  const { alg, iss } = partsOf(token)
  if (alg !== 'RS256')
    throw refuse(`The token is signed with "${String(alg).slice(0, 20)}"; only RS256 is taken.`)
  if (iss !== issuer)
    throw refuse(`The token was issued by "${String(iss).slice(0, 200)}"; only ${issuer} is trusted.`)
}

function partsOf(token: string): { alg: unknown; iss: unknown } {
  try {
    return { alg: decodeProtectedHeader(token).alg, iss: decodeJwt(token).iss }
  } catch {
    throw refuse('This is not a token of GitHub Actions: three parts in base64url, with a header and claims.')
  }
}

function answerOf(error: unknown, issuer: string, audience: string): AppError {
  if (error instanceof AppError) return error
  if (error instanceof errors.JWTExpired) {
    const why = error.claim === 'exp' ? 'The token has expired' : `The token is older than ${oldest}`
    return refuse(`${why}; ask for a new one in the same step that uses it.`)
  }
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === 'aud')
      return refuse(`The token was made for another audience; ask for one with the audience ${audience}.`)
    return refuse(`The token is not valid: its ${error.claim} is missing, or not of this moment.`)
  }
  if (error instanceof errors.JWKSNoMatchingKey)
    return refuse(`The token names a key that ${issuer} does not have.`)
  if (error instanceof errors.JWSSignatureVerificationFailed)
    return refuse('The signature of the token is not right.')
  const isToken = error instanceof errors.JWSInvalid || error instanceof errors.JWTInvalid
  if (isToken) return refuse('The token is damaged.')
  return new AppError(
    'unavailable',
    `The keys of ${issuer} could not be read: ${messageOf(error)}. Try again.`,
    {},
    { cause: error },
  )
}
