// Which server a command asks, with which key: what is said on the command line, then the environment, then what "sluice login"
// kept. A kept key is of one server and goes to no other. Pure.
import { AppError } from '../errors.ts'
import type { Kept } from './kept-login.ts'
import type { Login } from './server.ts'

export interface Said {
  server?: string | undefined
  environment?: string | undefined
}

/** Without its last slash, so that the same is the same. @throws AppError `malformed`. */
export function serverUrl(text: string): string {
  const url = URL.parse(text.includes('://') ? text : `https://${text}`)
  const isOne = url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.search === ''
  if (isOne) return `${url.origin}${url.pathname}`.replace(/\/+$/, '')
  throw new AppError(
    'malformed',
    `"${text}" is no address of a server. Give one as in https://sluice.example.com`,
  )
}

/** @throws AppError `malformed` where none is known. */
export function whichUrl(said: Said, env: NodeJS.ProcessEnv, kept: Kept): string {
  const named = said.server || env.SLUICE_SERVER || kept.server
  if (named) return serverUrl(named)
  throw new AppError(
    'unauthorized',
    'Which server? Run "sluice login --server https://sluice.example.com" once, or give --server, or set SLUICE_SERVER. (On the server\'s own machine "sluice --help" lists the commands that need none.)',
  )
}

/** @throws AppError `unauthorized` where there is no key for it. */
export function whichServer(said: Said, env: NodeJS.ProcessEnv, kept: Kept): Login {
  if (said.environment?.includes('#'))
    throw new AppError(
      'malformed',
      `A server is asked for an environment by its name alone; "${said.environment}" is how the commands of its own machine say it: sluice variables --database, sluice token, sluice key.`,
    )
  const url = whichUrl(said, env, kept)
  const known = kept.servers[url]
  const key = env.SLUICE_KEY?.trim() || known?.key
  if (!key)
    throw new AppError(
      'unauthorized',
      `There is no key for ${url}. Run "sluice login --server ${url}", or set SLUICE_KEY. Whoever operates the server makes one with: sluice key create`,
    )
  return { url, key, environment: said.environment || env.SLUICE_ENVIRONMENT || known?.environment }
}

/** Null: nobody between here and there can read the key. */
export function warningOf(url: string): string | null {
  const { protocol, hostname } = new URL(url)
  const isHere = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname)
  return protocol === 'https:' || isHere
    ? null
    : `Warning: ${url} is not https, so that the key can be read on the way there.\n`
}
