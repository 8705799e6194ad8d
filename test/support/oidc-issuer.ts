// Stands in for GitHub's issuer of tokens for Actions, and for the address at which a runner asks it for one. Keys can be rotated, and
// tokens made that GitHub would not make.
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'

export type Claims = Record<string, unknown>

interface Signing {
  privateKey: CryptoKey
  jwk: JWK
}

async function newKey(): Promise<Signing> {
  const { privateKey, publicKey } = await generateKeyPair('RS256')
  return { privateKey, jwk: { ...(await exportJWK(publicKey)), kid: randomUUID(), alg: 'RS256', use: 'sig' } }
}

export interface Asked {
  audience: string
  claims?: Claims
  /** As jose writes durations, from now. */
  issued?: string
  expires?: string
  issuer?: string
}

/** `claims`: what every token says unless it is asked for with others. */
export async function startIssuer(claims: () => Claims) {
  let current = await newKey()
  let reads = 0
  let isDown = false
  const requestToken = randomUUID()
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://issuer')
    const answer = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    if (pathname === '/.well-known/jwks') {
      reads += 1
      return isDown ? answer(500, {}) : answer(200, { keys: [current.jwk] })
    }
    const mayAsk = request.headers.authorization === `Bearer ${requestToken}`
    if (pathname !== '/token' || !mayAsk) return answer(mayAsk ? 404 : 401, {})
    answer(200, { value: await sign({ audience: searchParams.get('audience') ?? 'http://owner' }) })
  })
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  function sign({ audience, claims: some = {}, issued = '0s', expires = '5m', issuer = url }: Asked) {
    return new SignJWT({ jti: randomUUID(), ...claims(), ...some })
      .setProtectedHeader({ alg: 'RS256', kid: current.jwk.kid ?? '', typ: 'JWT' })
      .setIssuer(issuer)
      .setAudience(audience)
      .setIssuedAt(issued)
      .setNotBefore(issued)
      .setExpirationTime(expires)
      .sign(current.privateKey)
  }

  return {
    url,
    sign,
    reads: () => reads,
    async rotate() {
      current = await newKey()
    },
    goDown() {
      isDown = true
    },
    /** What a runner gives a job with `id-token: write`. */
    env: {
      ACTIONS_ID_TOKEN_REQUEST_URL: `${url}/token?api-version=2.0`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: requestToken,
    },
    async close() {
      server.closeAllConnections()
      await new Promise(done => server.close(done))
    },
  }
}
