// What builds learned about installed packages, kept beside them, so that the next build with the same ones need not find
// it out again. Lost or damaged notes cost time and nothing else.
import { randomUUID } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { Trace } from './packages.ts'

const Notes = z.object({
  /** Names that packages ask for in vain. */
  missing: z.array(z.string()).default([]),
  /** Folders of packages that use files beside themselves, and of those that are native among them. */
  beside: z.array(z.string()).default([]),
  native: z.array(z.string()).default([]),
  /** Digests of the lists of files that were looked at to find those. */
  examined: z.array(z.string()).default([]),
  traces: z.record(z.string(), Trace).default({}),
})
export type Notes = z.infer<typeof Notes>

/** Packages that are shipped: with each that uses files beside itself go all it asks for, so that nobody has two of one. */
export function shippedFolders({ beside, traces }: Notes): Set<string> {
  return new Set([...beside, ...Object.values(traces).flatMap(trace => Object.keys(trace.packages))])
}

/** `tree`: the install's; null: there is none, and nothing to note. */
export async function readNotes(tree: string | null): Promise<Notes> {
  if (tree === null) return Notes.parse({})
  try {
    return Notes.parse(JSON.parse(await readFile(fileOf(tree), 'utf8')))
  } catch {
    return Notes.parse({})
  }
}

export async function keepNotes(tree: string | null, notes: Notes): Promise<void> {
  if (tree === null) return
  const unfinished = `${fileOf(tree)}.${randomUUID()}`
  await writeFile(unfinished, JSON.stringify(notes))
  await rename(unfinished, fileOf(tree))
}

function fileOf(tree: string): string {
  return path.join(path.dirname(tree), 'bundling.json')
}
