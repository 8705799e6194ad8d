// Step 5: one entry a function file, beside it the chunks it shares with others and the packages that cannot be bundled, with
// source maps. An entry is an ES module whose default export is the file's, however the file exports it (ESM, CommonJS,
// CommonJS made from ESM).
import { stat } from 'node:fs/promises'
import path from 'node:path'
import type { Message } from 'esbuild'
import type { Bundled } from '../bundling/bundler.ts'
import { digestCode } from '../bundling/code.ts'
import { compileFailure } from '../bundling/compile-failure.ts'
import { entryContents, entryNamespace } from '../bundling/entry.ts'
import { fileOf } from '../bundling/loaders.ts'
import { type Bundle, bundlesOf, type IdentifiedBundle, readFrom, writeOutputs } from '../bundling/outputs.ts'
import { createOwnFiles } from '../bundling/own-files.ts'
import { createProjectBundler } from '../bundling/project-bundler.ts'
import { type Places, relocatePath } from '../bundling/relocate.ts'
import { type Failed, failed } from '../failure.ts'
import { refusePointers } from '../lfs.ts'
import { type Apart, bundleApart } from '../prebundling/bundle-apart.ts'
import { keepPrebundled } from '../prebundling/cache.ts'
import { placePackages } from '../prebundling/place-packages.ts'
import { prebundle } from '../prebundling/prebundle.ts'
import { fileOfModule } from '../prebundling/prebundled.ts'
import { rememberedPlaces } from '../prebundling/remembered-places.ts'
import { standIn } from '../prebundling/stand-ins.ts'
import { bundleShipping, type Learned } from '../shipping/bundle-shipping.ts'
import { shippedFolders } from '../shipping/notes.ts'
import type { Order } from '../store.ts'
import type { Tools } from '../tools.ts'
import type { Project } from './detect.ts'
import type { Sources } from './fetch.ts'
import type { Installed } from './install.ts'

export async function bundleFunctions(
  order: Order & Sources & { project: Project } & Installed,
  tools: Tools,
): Promise<{ bundles: IdentifiedBundle[]; inputs: string[] } | Failed> {
  const { source, project, install } = order
  const output = path.join(source, '.sluice') // nothing is written there: sources are relative to it
  const tree = install?.tree ?? null
  const places: Places = {
    installs: tree === null ? null : path.relative(source, tree),
    bundle: path.relative(source, output),
  }
  const pathOf = (file: string) => relocatePath(file, places)
  const ownFiles = createOwnFiles(source)
  // A prebuild command may change what is installed: then it is a copy in the repository, and nothing known of it holds.
  const known = order.build.prebuild === null ? tree : null
  const modules = install?.modules.map(one => one.path) ?? []
  const base = order.build.prebuild === null || tree === null ? tree : source
  const bundler = await createProjectBundler({ source, tree, project, output, ownFiles }, tools)
  const attempt = async (learned: Learned): Promise<Apart> => {
    const found = { shipping: learned.plugin(learned.hear), missing: learned.notes.missing }
    if (known === null) return { ...(await bundler.bundle(found, null)), packages: null }
    return bundleApart({
      source,
      tree: known,
      places: await rememberedPlaces(source, { tree: known, modules }, [
        bundler.aliases,
        [...shippedFolders(learned.notes)].sort(),
        learned.notes.missing,
      ]),
      own: packages => bundler.bundle(found, packages),
      packages: asked => prebundle(asked, { source, tree: known }, learned, bundler, tools),
      say: tools.say,
    })
  }
  const bundled = await bundleShipping(attempt, { source, base, known, pathOf }, tools)
  if ('failure' in bundled) return bundled
  const { result } = bundled
  for (const warning of result.warnings) tools.say(`warning: ${describe(warning, pathOf)}`)
  const outside = filesOf(result).map(pathOf).find(isOutside)
  // First, because the bundler's errors would quote what it read there.
  if (outside !== undefined)
    return failed('outside_repository', `A file imports ${outside}, which is outside the repository.`)
  const kept = refusePointers(order.pointers, filesOf(result).map(pathOf))
  if (kept) return kept
  if (result.errors.length > 0) return compileFailure(result.errors, pathOf)
  const [made, digests] = await Promise.all([
    writeBundles(project.functions.files, result, places, known ?? '', tools),
    digestsOf(project.functions, result, { source, tree, places, compiled: bundler.compiled }),
  ])
  const shipped = await bundled.ship(made, ownFiles.filesOf)
  if ('failure' in shipped) return shipped
  const { bundles } = shipped
  tools.say(`${bundles.length} bundles made, ${Math.ceil((await sizeOf(bundles)) / 1_000)} kB`)
  return {
    bundles: bundles.map((bundle, index) => ({ ...bundle, codeDigest: digests[index] ?? '' })),
    inputs: [...new Set([...filesOf(result).filter(isOfRepository), ...ownFiles.shipped(bundles)])],
  }
}

async function writeBundles(
  files: string[],
  { metafile, outputFiles, packages }: Apart,
  places: Places,
  tree: string,
  { workspace }: Tools,
): Promise<Bundle[]> {
  const folder = workspace.bundles
  const own = await writeOutputs(metafile, readFrom(outputFiles), { places, folder, family: '' })
  if (packages === null) return bundlesOf(files, own, folder)
  return placePackages(files, own, await keepPrebundled(tree, packages), folder)
}

function digestsOf(
  { files, style }: Project['functions'],
  { metafile, packages }: Apart,
  built: Omit<Parameters<typeof digestCode>[2], 'texts'>,
): Promise<string[]> {
  const texts = {
    [entryNamespace]: (file: string) => entryContents(file, style),
    [standIn]: (name: string) => packages?.packages[fileOfModule(name)]?.digest ?? '',
  }
  return digestCode(
    files.map(file => `${entryNamespace}:${file}`),
    metafile,
    { ...built, texts },
  )
}

function filesOf({ metafile, errors }: Bundled): string[] {
  return [
    ...Object.keys(metafile.inputs).map(fileOf),
    ...errors.flatMap(({ location }) => location?.file ?? []),
  ]
}

/** Dependencies lie in the cache, or are only put into the repository's folder. */
function isOfRepository(input: string): boolean {
  return !isOutside(input) && !/^[a-z ]+:/.test(input) && !input.split('/').includes('node_modules')
}

function isOutside(input: string): boolean {
  return input.startsWith('../') || path.isAbsolute(input)
}

/** What several share counts once. */
async function sizeOf(bundles: Bundle[]): Promise<number> {
  const files = new Set(bundles.flatMap(bundle => bundle.files.map(({ from }) => from)))
  const found = await Promise.all([...files].map(file => stat(file)))
  return found.reduce((sum, { size }) => sum + size, 0)
}

function describe({ text, location }: Message, pathOf: (file: string) => string): string {
  return location ? `${pathOf(location.file)}:${location.line}: ${text}` : text
}
