// Submodules: an archive leaves their folders empty. Each is fetched as an archive of its own, of the commit the tree names,
// through the same installation and from the same host alone, and unpacked by the same rules into its place.
import { lstat, mkdir, rename, rmdir } from 'node:fs/promises'
import path from 'node:path'
import { AppError, codes } from '../../errors.ts'
import { type Failed, failed } from '../failure.ts'
import type { RepositoryRef } from '../ports.ts'
import { isFile, readText } from '../project-files.ts'
import type { Tools } from '../tools.ts'
import { maxModulesBytes, parseModules, targetOf } from './git-modules.ts'
import { refusePath } from './refusals.ts'
import type { Fetched } from './unpack-commit.ts'
import { unpackCommit } from './unpack-commit.ts'

const maxDepth = 5
const maxSubmodules = 50
const submoduleMode = '160000'

/** A repository that is unpacked at `folder` of the build's source. */
interface Unpacked {
  repository: RepositoryRef
  sha: string
  folder: string
  depth: number
}

/** Fills them in, those of submodules too; `fetched` is what is there already, and counts. */
export async function fetchSubmodules(
  repository: RepositoryRef,
  sha: string,
  fetched: Fetched,
  tools: Tools,
): Promise<Fetched | Failed> {
  const waiting: Unpacked[] = [{ repository, sha, folder: '.', depth: 0 }]
  let total = fetched
  let count = 0
  for (let at = waiting.shift(); at; at = waiting.shift()) {
    const wanted = await submodulesOf(at, tools)
    if ('failure' in wanted) return wanted
    count += wanted.length
    if (count > maxSubmodules)
      return failed('submodule_refused', `There are more than ${maxSubmodules} submodules. Take some out.`)
    const tooDeep = at.depth === maxDepth ? wanted[0] : undefined
    if (tooDeep)
      return failed(
        'submodule_refused',
        `The submodule "${tooDeep.folder}" is nested deeper than ${maxDepth} submodules. Take it out.`,
      )
    for (const submodule of wanted) {
      const added = await place(submodule, repository.id, total, tools)
      if ('failure' in added) return added
      total = added
    }
    waiting.push(...wanted)
  }
  return total
}

async function submodulesOf(parent: Unpacked, tools: Tools): Promise<Unpacked[] | Failed> {
  const { source } = tools.workspace
  const file = path.posix.join(parent.folder, '.gitmodules')
  if (!(await isFile(source, file))) return []
  const text = (await readText(source, file)) ?? ''
  if (text.length > maxModulesBytes)
    return failed('submodule_refused', `${file} is larger than ${maxModulesBytes} bytes.`)
  const parsed = parseModules(text, file)
  if ('failure' in parsed) return parsed
  if (parsed.submodules.length === 0) return []
  const tree = await tools.source.tree(parent.repository, parent.sha)
  if (tree === null)
    return failed(
      'submodule_unreadable',
      `The commits of the submodules in ${file} cannot be read: the repository has more files than its host lists. Take the submodules out, or the files.`,
    )
  const commits = new Map(
    tree.filter(({ mode }) => mode === submoduleMode).map(entry => [entry.path, entry.sha]),
  )
  const wanted: Unpacked[] = []
  for (const { path: name, url } of parsed.submodules) {
    const sha = commits.get(name)
    if (sha === undefined) continue // listed and not there: Git passes over it too
    const folder = path.posix.join(parent.folder, name)
    const refusal = refusePath(name)
    if (refusal || path.posix.normalize(name) !== name)
      return failed('submodule_refused', `${file}: ${refusal ?? `"${name}" is no plain path`}.`)
    const target = targetOf(url, tools.source.url, parent.repository)
    if (target.kind !== 'repository') return refuseTarget(folder, target)
    const { installationId } = parent.repository
    const repository = { id: 0, installationId, owner: target.owner, name: target.name }
    wanted.push({ repository, sha, folder, depth: parent.depth + 1 })
  }
  return wanted
}

function refuseTarget(
  folder: string,
  target: { kind: 'elsewhere'; host: string } | { kind: 'unusable'; because: string },
): Failed {
  const because =
    target.kind === 'elsewhere'
      ? `it lives on ${target.host}, and only this repository's own host is asked`
      : target.because
  return failed(
    'submodule_refused',
    `The submodule "${folder}" is not fetched: ${because}. Move it to a repository beside this one and correct its url in .gitmodules.`,
  )
}

async function place(
  { repository, sha, folder }: Unpacked,
  owner: number,
  fetched: Fetched,
  tools: Tools,
): Promise<Fetched | Failed> {
  const called = `${repository.owner}/${repository.name}`
  const aside = path.join(tools.workspace.root, 'submodule')
  const added = await readable(unpackCommit({ owner, repository, sha }, aside, fetched, tools))
  if (added === 'unreadable')
    return failed(
      'submodule_unreadable',
      `The submodule "${folder}", commit ${sha} of ${called}, could not be read. Push that commit, and install the GitHub App on ${called} if it is private.`,
    )
  if ('failure' in added)
    return failed('submodule_refused', `The submodule "${folder}": ${added.failure.message}`)
  const to = path.join(tools.workspace.source, folder)
  if (!(await makeRoom(tools.workspace.source, folder)))
    return failed('submodule_refused', `There is something else in the place of the submodule "${folder}".`)
  await rename(aside, to)
  tools.say(`Submodule ${folder}: ${called} at ${sha}`)
  return { ...added, pointers: [...fetched.pointers, ...added.pointers.map(file => `${folder}/${file}`)] }
}

/** GitHub says "not found" of what the installation may not see. */
async function readable<T>(reading: Promise<T>): Promise<T | 'unreadable'> {
  try {
    return await reading
  } catch (error) {
    const gone = error instanceof AppError && (!codes[error.code].retryable || error.details?.status === 404)
    if (gone) return 'unreadable'
    throw error
  }
}

/** Its folders, none of them a link, and in its own place nothing, or the empty folder the archive has there. */
async function makeRoom(source: string, folder: string): Promise<boolean> {
  const parts = folder.split('/')
  for (const length of parts.keys()) {
    if (length === 0) continue
    const above = path.join(source, ...parts.slice(0, length))
    const found = await lstat(above).catch(() => null)
    if (found === null) await mkdir(above)
    else if (!found.isDirectory()) return false
  }
  try {
    await rmdir(path.join(source, folder))
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ENOENT'
  }
}
