// What a function is made of, as one digest: every module it reaches with its content and with what each of its imports leads
// to, and how we bundle. How the bundler cut the modules into files does not count, nor what else is built beside it: equal
// digests behave equally, and a function that nobody touched keeps its own. Pure.
import { createHash } from 'node:crypto'
import type { Metafile } from 'esbuild'

export interface Modules {
  inputs: Metafile['inputs']
  /** Of each input's content, as far as it can make a difference. */
  digests: ReadonlyMap<string, string>
  /** The name an input has wherever it is built. */
  nameOf(input: string): string
}

/** `bundling`: stands for how we bundle. */
export function codeDigests(entries: string[], modules: Modules, bundling: string): string[] {
  const known = new Map<string, string>()
  const describe = (input: string) => {
    const description = known.get(input) ?? describeModule(input, modules)
    known.set(input, description)
    return description
  }
  return entries.map(entry => {
    const reached = new Set([entry])
    for (const input of reached)
      for (const one of modules.inputs[input]?.imports ?? []) if (!one.external) reached.add(one.path)
    return digestOf([bundling, modules.nameOf(entry), ...[...reached].map(describe).sort()])
  })
}

// All it imports counts, also what is left out because nothing uses it: what is left out depends on the other functions.
function describeModule(input: string, { inputs, digests, nameOf }: Modules): string {
  const { imports = [], format = '' } = inputs[input] ?? {}
  const leadingTo = imports.map(({ path, kind, external = false, original = '', with: attributes = {} }) => [
    original,
    external ? path : nameOf(path),
    kind,
    external,
    attributes,
  ])
  return digestOf([nameOf(input), digests.get(input) ?? '', format, leadingTo])
}

/** Of anything JSON can hold: sha256, hex. */
export function digestOf(content: unknown): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex')
}
