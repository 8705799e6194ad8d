// What people name, found on the server: a function by its name (or id), a build by number, commit or id.
import type { z } from 'zod'
import { type BuildBody, BuildList } from '../api/builds/shapes.ts'
import { type FunctionBody, FunctionList } from '../api/lifecycle/shapes.ts'
import { AppError } from '../errors.ts'
import { near } from './parse.ts'
import type { Server } from './server.ts'

export type ShownFunction = z.output<typeof FunctionBody>
export type ShownBuild = z.output<typeof BuildBody>

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

export async function listFunctions(server: Server): Promise<ShownFunction[]> {
  return (await server.get('/functions', {}, FunctionList)).functions
}

/** @throws AppError `not_found`, with the nearest there is. */
export async function findFunction(server: Server, name: string): Promise<ShownFunction> {
  const functions = await listFunctions(server)
  const found = functions.find(one => one.name === name || one.id === name.toLowerCase())
  if (found) return found
  const names = functions.map(one => one.name)
  throw new AppError(
    'not_found',
    `There is no function "${name}".${near(name, names)} "sluice functions list" shows them.`,
  )
}

/** An id, a number (12 or #12), a commit or how it begins; nothing: the newest. */
export async function findBuildId(server: Server, named: string): Promise<string> {
  if (uuid.test(named)) return named
  const number = /^#?(\d{1,6})$/.exec(named)?.[1]
  const query = number ? { before: Number(number) + 1 } : named === '' ? {} : { sha: named }
  if (!number && named !== '' && !/^[0-9a-f]{7,40}$/i.test(named))
    throw new AppError(
      'malformed',
      `"${named}" is no build. Give its id, its number, or its commit (seven characters at least).`,
    )
  const { builds } = await server.get('/builds', { ...query, per_page: 1 }, BuildList)
  const [newest] = builds
  if (newest && (!number || newest.number === Number(number))) return newest.id
  const which = named === '' ? 'There is no build yet.' : `There is no build ${named}.`
  throw new AppError('not_found', `${which} "sluice builds list" shows them.`)
}

/** @throws AppError `malformed`. */
export function uuidOf(text: string, what: string): string {
  if (uuid.test(text)) return text.toLowerCase()
  throw new AppError('malformed', `"${text}" is no id of ${what}: copy one from the list.`)
}
