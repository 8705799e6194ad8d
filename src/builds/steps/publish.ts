// Step 7: bundles and source maps into the artifact store, and the manifest that names them, in order of name.
import { crashPoint } from '../../crash-point.ts'
import type { Manifest } from '../../functions/manifest.ts'
import type { Discovered } from '../discovered.ts'
import type { Order } from '../store.ts'
import type { Tools } from '../tools.ts'
import type { Bundle } from './bundle.ts'

export async function publishArtifacts(
  order: Order & { bundles: Bundle[]; functions: Discovered[] },
  tools: Tools,
): Promise<{ manifest: Manifest }> {
  const bundles = new Map(order.bundles.map(bundle => [bundle.file, bundle]))
  const manifest: Manifest = []
  for (const { name, file, options } of order.functions) {
    tools.signal.throwIfAborted()
    const bundle = bundles.get(file)
    if (!bundle) throw new Error(`function ${name} has no bundle of ${file}`)
    const bundleDigest = await tools.artifacts.put(bundle.code)
    crashPoint('build.publishing')
    const sourceMapDigest = await tools.artifacts.put(bundle.sourceMap)
    manifest.push({ name, file, bundleDigest, sourceMapDigest, options })
  }
  manifest.sort((a, b) => (a.name < b.name ? -1 : 1))
  tools.say(`Published ${manifest.length} functions`)
  return { manifest }
}
