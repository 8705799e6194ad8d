// What examples/demonstration holds: its environments, as its own repository file says them, and for each the call that shows
// that a built function runs. Makes the content of a repository out of any choice of them.
import { cpSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { parseDocument } from 'yaml'
import { z } from 'zod'
import { parseRepositoryFile, repositoryFilePath } from '../../src/environments/repository-file.ts'
import { AppError } from '../../src/errors.ts'

const folder = path.resolve(import.meta.dirname, '../../examples/demonstration')

/** One for each package manager: few dependencies, built quickly. */
const smallest = ['node-esm', 'node-commonjs', 'plain-functions', 'bun']

const Calls = z.record(
  z.string(),
  z.object({ function: z.string(), arguments: z.array(z.json()), returns: z.json() }),
)
export type Call = z.infer<typeof Calls>[string]

export interface Example {
  name: string
  root: string
  call: Call
}

export interface Choice {
  only?: string | undefined
  smallest?: boolean | undefined
}

export async function chooseExamples(choice: Choice): Promise<Example[]> {
  const all = await readExamples()
  const asked = choice.smallest ? smallest : choice.only?.split(',').map(name => name.trim())
  const unknown = asked?.filter(name => !all.some(one => one.name === name)) ?? []
  if (unknown.length > 0)
    throw new AppError(
      'malformed',
      `There is no example ${unknown.join(', ')}. There are: ${all.map(one => one.name).join(', ')}.`,
    )
  return asked ? all.filter(one => asked.includes(one.name)) : all
}

async function readExamples(): Promise<Example[]> {
  const parsed = parseRepositoryFile(await readFile(path.join(folder, repositoryFilePath), 'utf8'))
  if ('problems' in parsed)
    throw new AppError(
      'malformed',
      `${repositoryFilePath}: ${parsed.problems.map(one => one.message).join('; ')}`,
    )
  const calls = Calls.parse(JSON.parse(await readFile(path.join(folder, 'calls.json'), 'utf8')))
  return Object.entries(parsed.file.environments ?? {}).map(([name, { root }]) => {
    const call = calls[name]
    if (!call) throw new AppError('malformed', `calls.json has no call of a function of ${name}: add one.`)
    return { name, root, call }
  })
}

/** Writes the files of these, and a repository file that knows no others. */
export async function writeExamples(examples: Example[], to: string): Promise<void> {
  const projects = new Set(examples.map(({ root }) => root.split('/')[0] ?? root))
  for (const project of projects)
    cpSync(path.join(folder, project), path.join(to, project), { recursive: true, filter: isSource })
  const document = parseDocument(await readFile(path.join(folder, repositoryFilePath), 'utf8'))
  for (const { name } of await readExamples())
    if (!examples.some(one => one.name === name)) document.deleteIn(['environments', name])
  await mkdir(path.join(to, path.dirname(repositoryFilePath)), { recursive: true })
  await writeFile(path.join(to, repositoryFilePath), document.toString())
}

/** Whoever worked in a project has its dependencies there. */
function isSource(file: string): boolean {
  return path.basename(file) !== 'node_modules'
}
