// The identity of each function's code, see code-digest.ts: gathers what counts of the modules and of how we bundle.
import { type Metafile, version } from 'esbuild'
import type { Style } from '../discovery/functions-folder.ts'
import { language } from './bundler.ts'
import { codeDigests } from './code-digest.ts'
import { entryContents, entryNamespace } from './entry.ts'
import { frameworkContents, frameworkNamespace } from './framework-modules.ts'
import { fileOf } from './loaders.ts'
import { digestModules } from './module-digests.ts'
import { type Places, relocateCode } from './relocate.ts'

interface Built {
  source: string
  tree: string | null
  style: Style
  places: Places
  /** Files that were compiled before they were bundled. */
  compiled: ReadonlySet<string>
}

const bundling = JSON.stringify([version, language])

/** One for each function file. */
export async function digestCode(
  files: string[],
  { inputs }: Metafile,
  { source, tree, style, places, compiled }: Built,
): Promise<string[]> {
  const digests = await digestModules(
    Object.keys(inputs),
    { source, tree },
    input => textOf(input, style),
    compiled,
  )
  const nameOf = (input: string) => relocateCode(input, places)
  const entries = files.map(file => `${entryNamespace}:${file}`)
  return codeDigests(entries, { inputs, digests, nameOf }, bundling)
}

/** Of an input that is no file; one we know nothing of is what its name says. Null: it is a file. */
function textOf(input: string, style: Style): string | null {
  const [namespace = '', ...rest] = input.split(':')
  const name = rest.join(':')
  if (namespace === entryNamespace) return entryContents(name, style)
  if (namespace === frameworkNamespace) return frameworkContents(name)
  return fileOf(input) === input && /^(?:[a-z ]+|\(disabled\)):/.test(input) ? '' : null
}
