// The console's cookies. Over TLS their names begin with __Host-: a browser takes such a one from this very host only. Pure.
import type { FastifyRequest } from 'fastify'

export interface Cookies {
  /** Of a cookie of ours; null: there is none. */
  read(request: FastifyRequest, name: CookieName): string | null
  /** A Set-Cookie header. */
  write(name: CookieName, value: string, seconds: number): string
}

export type CookieName = 'session' | 'login' | 'said'

/** `url`: how the console is reached. */
export function createCookies(url: () => string): Cookies {
  const isSecure = () => url().startsWith('https:')
  const nameOf = (name: CookieName) => `${isSecure() ? '__Host-' : ''}sluice_${name}`
  return {
    read({ headers }, name) {
      const wanted = `${nameOf(name)}=`
      const pairs = (headers.cookie ?? '').slice(0, 16_000).split(';')
      const found = pairs.map(pair => pair.trim()).find(pair => pair.startsWith(wanted))
      return found?.slice(wanted.length) || null
    },
    // Lax and not Strict: who follows a link from a comment or from Slack is to be signed in.
    write: (name, value, seconds) =>
      `${nameOf(name)}=${value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${seconds}${isSecure() ? '; Secure' : ''}`,
  }
}
