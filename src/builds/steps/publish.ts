// Step 7: what each version runs and its source maps into the artifact store, with the two lists that name them, and the
// manifest that names the lists, in order of name. What functions share is stored once.
import { readFile } from 'node:fs/promises'
import { crashPoint } from '../../crash-point.ts'
import type { Manifest } from '../../functions/manifest.ts'
import { type IndexedFile, writeIndex } from '../bundle-index.ts'
import type { Bundle, BundledFile } from '../bundling/outputs.ts'
import type { Discovered } from '../discovered.ts'
import type { Order } from '../store.ts'
import type { Tools } from '../tools.ts'

export async function publishArtifacts(
  order: Order & { bundles: Bundle[]; functions: Discovered[] },
  tools: Tools,
): Promise<{ manifest: Manifest }> {
  const bundles = new Map(order.bundles.map(bundle => [bundle.file, bundle]))
  const publish = createPublisher(tools)
  const manifest: Manifest = []
  for (const { name, file, options } of order.functions) {
    const bundle = bundles.get(file)
    if (!bundle) throw new Error(`function ${name} has no bundle of ${file}`)
    const bundleDigest = await publish(bundle.files, bundle.entry)
    crashPoint('build.publishing')
    const sourceMapDigest = await publish(bundle.sourceMaps)
    manifest.push({ name, file, bundleDigest, sourceMapDigest, options })
  }
  manifest.sort((a, b) => (a.name < b.name ? -1 : 1))
  tools.say(`Published ${manifest.length} functions`)
  return { manifest }
}

const filesAtOnce = 16

/** Stores files and the list of them, whose digest it resolves to. */
function createPublisher({ artifacts, signal }: Pick<Tools, 'artifacts' | 'signal'>) {
  const stored = new Map<string, Promise<string>>()

  function digestOf(from: string): Promise<string> {
    const known = stored.get(from)
    if (known) return known
    const storing = readFile(from).then(content => artifacts.put(content))
    stored.set(from, storing)
    return storing
  }

  async function store({ path, from, executable }: BundledFile): Promise<IndexedFile> {
    return { path, digest: await digestOf(from), ...(executable && { executable }) }
  }

  return async (files: BundledFile[], entry?: string): Promise<string> => {
    const listed: IndexedFile[] = []
    for (let from = 0; from < files.length; from += filesAtOnce) {
      signal.throwIfAborted()
      const some = files.slice(from, from + filesAtOnce)
      listed.push(...(await Promise.all(some.map(store))))
    }
    return artifacts.put(writeIndex(listed, entry))
  }
}
