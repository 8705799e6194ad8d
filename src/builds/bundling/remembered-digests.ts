// Digests of installed files, kept beside the install, so that a push need not read thousands of files to know that nothing
// changed in them. Lost or damaged, they are made again.
import { randomUUID } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'

const Digests = z.record(z.string(), z.string())

/** `digest` is asked for what is not known yet. */
export async function rememberDigests(
  tree: string | null,
  inputs: string[],
  digest: (input: string) => Promise<string>,
): Promise<Map<string, string>> {
  if (tree === null || inputs.length === 0) return new Map()
  const file = path.join(path.dirname(tree), 'digests.json')
  const known = new Map(Object.entries(await read(file)))
  const nameOf = nameWithin(tree)
  const unknown = inputs.filter(input => !known.has(nameOf(input)))
  for (let from = 0; from < unknown.length; from += filesAtOnce) {
    const some = unknown.slice(from, from + filesAtOnce)
    const digests = await Promise.all(some.map(digest))
    for (const [index, input] of some.entries()) known.set(nameOf(input), digests[index] ?? '')
  }
  if (unknown.length > 0) await keep(file, Object.fromEntries(known))
  return new Map(inputs.map(input => [input, known.get(nameOf(input)) ?? '']))
}

const filesAtOnce = 64

/** An input is named relative to the repository, which lies elsewhere in every build; the tree's own name is in it. */
function nameWithin(tree: string): (input: string) => string {
  const marker = `${path.basename(path.dirname(tree))}/${path.basename(tree)}/`
  return input => input.slice(input.indexOf(marker) + marker.length)
}

async function read(file: string): Promise<Record<string, string>> {
  try {
    return Digests.parse(JSON.parse(await readFile(file, 'utf8')))
  } catch {
    return {}
  }
}

async function keep(file: string, digests: Record<string, string>): Promise<void> {
  const aside = `${file}.${randomUUID()}`
  await writeFile(aside, JSON.stringify(digests))
  await rename(aside, file)
}
