// All functions of a build bundled together, so that what several use is made once. What awaits at its top level cannot be
// shared in the order it was written (see entry.ts): functions that reach such a module get a bundle each.
import type { Message } from 'esbuild'
import type { Bundled } from './bundler.ts'
import { entryNamespace } from './entry.ts'

export async function bundleSharing(
  files: string[],
  bundle: (files: string[], sharing: boolean) => Promise<Bundled>,
): Promise<Bundled> {
  const together = await bundle(files, true)
  const awaiting = awaitingIn(together.errors)
  if (awaiting.size === 0) return together
  const others = files.filter(file => !awaiting.has(file))
  const parts = others.length > 0 ? [await bundle(others, true)] : []
  for (const file of awaiting) parts.push(await bundle([file], false))
  return joined(parts)
}

/** The function files whose entries the bundler refused for it: a require() in the project's own code is its author's. */
function awaitingIn(errors: Message[]): Set<string> {
  const found = errors.flatMap(({ text, location }) =>
    location?.file.startsWith(`${entryNamespace}:`) && /^This require call .* top-level await$/.test(text)
      ? [location.file.slice(entryNamespace.length + 1)]
      : [],
  )
  return new Set(found)
}

function joined(parts: Bundled[]): Bundled {
  return {
    errors: once(parts.flatMap(part => part.errors)),
    warnings: once(parts.flatMap(part => part.warnings)),
    outputFiles: parts.flatMap(part => part.outputFiles),
    metafile: {
      inputs: Object.assign({}, ...parts.map(part => part.metafile.inputs)),
      outputs: Object.assign({}, ...parts.map(part => part.metafile.outputs)),
    },
  }
}

/** What several parts complain of is one complaint. */
function once(messages: Message[]): Message[] {
  return [...new Map(messages.map(one => [JSON.stringify([one.text, one.location]), one])).values()]
}
