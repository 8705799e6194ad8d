// Step 7: what each version runs and its source maps into the artifact store, with the two lists that name them, and the
// manifest that names the lists, in order of name. What functions share is stored once.
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { crashPoint } from '../../crash-point.ts'
import type { FoundFunction, Manifest } from '../../functions/manifest.ts'
import { type IndexedFile, writeIndex } from '../bundle-index.ts'
import { type BundledFile, type IdentifiedBundle, isOfBundler } from '../bundling/outputs.ts'
import type { Discovered } from '../discovery/discovered.ts'
import { digestOfFile } from '../known-files.ts'
import { someAtOnce } from '../some-at-once.ts'
import type { Order } from '../store.ts'
import type { Tools } from '../tools.ts'

const atOnce = 16

export async function publishArtifacts(
  order: Order & { bundles: IdentifiedBundle[]; functions: Discovered[] },
  tools: Tools,
): Promise<{ manifest: Manifest }> {
  const { bundles, functions } = order
  const stored = await store(
    bundles.flatMap(bundle => [...bundle.files, ...bundle.sourceMaps]),
    tools,
  )
  const byFile = new Map(bundles.map(bundle => [bundle.file, bundle]))
  const manifest = await someAtOnce(functions, atOnce, found => {
    tools.signal.throwIfAborted()
    return describe(found, byFile, stored, tools)
  })
  manifest.sort((a, b) => (a.name < b.name ? -1 : 1))
  tools.say(`Published ${manifest.length} functions`)
  return { manifest }
}

async function describe(
  { name, file, options }: Discovered,
  bundles: ReadonlyMap<string, IdentifiedBundle>,
  stored: ReadonlyMap<string, string>,
  { artifacts }: Tools,
): Promise<FoundFunction> {
  const bundle = bundles.get(file)
  if (!bundle) throw new Error(`function ${name} has no bundle of ${file}`)
  const listed = (files: BundledFile[]): IndexedFile[] =>
    files.map(({ path, from, executable }) => ({
      path,
      digest: stored.get(from) ?? '',
      ...(executable && { executable }),
    }))
  const files = listed(bundle.files)
  const bundleDigest = await artifacts.put(writeIndex(files, bundle.entry))
  crashPoint('build.publishing')
  const sourceMapDigest = await artifacts.put(writeIndex(listed(bundle.sourceMaps)))
  return {
    name,
    file,
    bundleDigest,
    sourceMapDigest,
    codeDigest: withBeside(bundle.codeDigest, files),
    options,
  }
}

/** What was laid beside the bundle is code of the function too. */
function withBeside(bundled: string, files: IndexedFile[]): string {
  const beside = files.filter(({ path }) => !isOfBundler(path))
  return beside.length === 0
    ? bundled
    : createHash('sha256').update(bundled).update(writeIndex(beside)).digest('hex')
}

/** The digests of files by where they lie. */
async function store(files: BundledFile[], { artifacts, signal }: Tools): Promise<Map<string, string>> {
  const places = [...new Set(files.map(({ from }) => from))]
  const digests = await someAtOnce(places, atOnce, async from => {
    signal.throwIfAborted()
    const known = await digestOfFile(from)
    return [from, (await artifacts.has(known)) ? known : await artifacts.put(await readFile(from))] as const
  })
  return new Map(digests)
}
