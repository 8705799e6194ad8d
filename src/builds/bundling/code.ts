// The identity of each function's code, see code-digest.ts: gathers what counts of the modules and of how we bundle.
import { type Metafile, version } from 'esbuild'
import { language } from './bundler.ts'
import { codeDigests } from './code-digest.ts'
import { frameworkContents, frameworkNamespace } from './framework-modules.ts'
import { fileOf } from './loaders.ts'
import { digestModules } from './module-digests.ts'
import { type Places, relocateCode } from './relocate.ts'

interface Built {
  source: string
  tree: string | null
  places: Places
  /** Files that were compiled before they were bundled. */
  compiled: ReadonlySet<string>
  /** What stands for inputs that are no files, by the bundler's namespace. */
  texts: Record<string, (name: string) => string>
}

export const bundling = JSON.stringify([version, language])

/** One for each of `entries`, which are inputs. */
export async function digestCode(
  entries: string[],
  { inputs }: Metafile,
  { source, tree, places, compiled, texts }: Built,
): Promise<string[]> {
  const textOf = (input: string) => textIn({ [frameworkNamespace]: frameworkContents, ...texts }, input)
  const digests = await digestModules(Object.keys(inputs), { source, tree }, textOf, compiled)
  const nameOf = (input: string) => relocateCode(input, places)
  return codeDigests(entries, { inputs, digests, nameOf }, bundling)
}

/** One we know nothing of is what its name says. Null: it is a file. */
function textIn(texts: Built['texts'], input: string): string | null {
  const [namespace = '', ...rest] = input.split(':')
  const text = texts[namespace]?.(rest.join(':'))
  if (text !== undefined) return text
  return fileOf(input) === input && /^(?:[a-z ]+|\(disabled\)):/.test(input) ? '' : null
}
