// sluice login, logout and config: which server is asked and with which key, kept in this system's config folder. A key is read from
// standard input or typed unseen, tried, and only then kept.
import { EnvironmentList } from '../api/environments/shapes.ts'
import { AppError } from '../errors.ts'
import type { Kept } from './kept-login.ts'
import { connectTo } from './server.ts'
import type { Terminal } from './terminal.ts'
import { type Said, serverUrl, warningOf, whichServer, whichUrl } from './which-server.ts'

export interface Place {
  env: NodeJS.ProcessEnv
  /** Where it is kept. */
  file: string
  kept: Kept
  terminal: Terminal
  write(kept: Kept): Promise<void>
}

const longestKey = 1_000

export async function login(said: Said, { env, kept, terminal, write, file }: Place): Promise<string> {
  const url = whichUrl(said, env, kept)
  terminal.err(warningOf(url) ?? '')
  const typed = terminal.canAsk
    ? await terminal.askSecret(`Key for ${url} (it is not shown): `)
    : await terminal.readInput(longestKey)
  const key = typed.trim()
  if (!/^slk_[\w-]+$/.test(key))
    throw new AppError(
      'malformed',
      'A key begins with slk_ and comes by standard input. Whoever operates the server makes one with: sluice key create',
    )
  const server = connectTo({ url, key, environment: undefined })
  const { repository, environments } = await server.get('/environments', {}, EnvironmentList)
  const environment = said.environment
  const names = environments.map(one => one.name)
  if (environment !== undefined && !names.includes(environment))
    throw new AppError('not_found', `${repository} has no open environment "${environment}" for this key.`)
  const one = { key, ...(environment === undefined ? {} : { environment }) }
  await write({ server: url, servers: { ...kept.servers, [url]: one } })
  const where = environment ?? (names.length === 1 ? names[0] : `environments ${names.join(', ')}`)
  return `Logged in to ${url} for ${repository} (${where}). The key is kept in ${file}.\n`
}

export async function logout(said: Said, { env, kept, write }: Place): Promise<string> {
  const url = whichUrl(said, env, kept)
  if (!kept.servers[url]) throw new AppError('not_found', `There is no key for ${url}.`)
  const { [url]: _gone, ...servers } = kept.servers
  await write({
    servers,
    ...(kept.server !== undefined && kept.server !== url ? { server: kept.server } : {}),
  })
  return `The key for ${url} is removed here. It still works: end it with "sluice keys revoke" if others may have it.\n`
}

export interface Known {
  file: string
  server: string | null
  environment: string | null
  /** How it begins. */
  key: string | null
  servers: string[]
}

/** What a command would use. */
export function known(said: Said, { env, kept, file }: Place): Known {
  const servers = Object.keys(kept.servers)
  try {
    const { url, key, environment = null } = whichServer(said, env, kept)
    return { file, server: url, environment, key: `${key.slice(0, 11)}…`, servers }
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'unauthorized') throw error
    const named = said.server || env.SLUICE_SERVER || kept.server
    return { file, server: named ? serverUrl(named) : null, environment: null, key: null, servers }
  }
}

export const settable = ['server', 'environment'] as const

/** `config set server URL`, `config set environment NAME`; an empty value takes it away. */
export async function configure(
  name: (typeof settable)[number],
  value: string,
  said: Said,
  { env, kept, write }: Place,
): Promise<string> {
  if (name === 'server') {
    if (value === '') await write({ servers: kept.servers })
    else await write({ ...kept, server: serverUrl(value) })
    return value === '' ? 'No server is asked by default.\n' : `${serverUrl(value)} is asked by default.\n`
  }
  const url = whichUrl(said, env, kept)
  const { environment: _before, ...rest } = kept.servers[url] ?? {}
  const one = value === '' ? rest : { ...rest, environment: value }
  await write({ ...kept, servers: { ...kept.servers, [url]: one } })
  return value === '' ? `No environment of ${url} is meant by default.\n` : `${value} is meant at ${url}.\n`
}
