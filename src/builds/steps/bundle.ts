// Step 5: one entry a function file, beside it the chunks it shares with others and the packages that cannot be bundled, with
// source maps. An entry is an ES module whose default export is the file's, however the file exports it (ESM, CommonJS,
// CommonJS made from ESM).
import { stat } from 'node:fs/promises'
import path from 'node:path'
import type { Message, Plugin } from 'esbuild'
import { bundlerAliases, findAliases, projectAliases } from '../bundling/aliases.ts'
import { type Bundled, runBundler } from '../bundling/bundler.ts'
import { digestCode } from '../bundling/code.ts'
import { compileFailure } from '../bundling/compile-failure.ts'
import { decoratorMetadata } from '../bundling/decorated.ts'
import { createDecoratorCompiler } from '../bundling/decorator-compiler.ts'
import { entries, entryPoint } from '../bundling/entry.ts'
import { frameworkModules } from '../bundling/framework-modules.ts'
import { fileOf, suffixed } from '../bundling/loaders.ts'
import { tolerateMissing } from '../bundling/missing.ts'
import { type Bundle, entryOf, type IdentifiedBundle, writeBundles } from '../bundling/outputs.ts'
import { createOwnFiles, type OwnFiles } from '../bundling/own-files.ts'
import { type Places, relocatePath } from '../bundling/relocate.ts'
import { bundleSharing } from '../bundling/sharing.ts'
import { type Failed, failed } from '../failure.ts'
import { refusePointers } from '../lfs.ts'
import { cleanEnvironment } from '../processes/machine.ts'
import { bundleShipping } from '../shipping/bundle-shipping.ts'
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
  const { files } = project.functions
  const output = path.join(source, '.sluice') // nothing is written there: sources are relative to it
  const tree = install?.tree ?? null
  const places: Places = {
    installs: tree === null ? null : path.relative(source, tree),
    bundle: path.relative(source, output),
  }
  const pathOf = (file: string) => relocatePath(file, places)
  const ownFiles = createOwnFiles(source)
  const { attempt, compiled } = await bundlingOf(order, ownFiles, output, tools)
  // A prebuild command may change what is installed: then it is a copy in the repository, and nothing known of it holds.
  const known = order.build.prebuild === null ? tree : null
  const base = order.build.prebuild === null || tree === null ? tree : source
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
  const [written, digests] = await Promise.all([
    writeBundles(files, result, places, tools.workspace.bundles),
    digestCode(files, result.metafile, { source, tree, style: project.functions.style, places, compiled }),
  ])
  const shipped = await bundled.ship(written, ownFiles.filesOf, tools.workspace.bundles)
  if ('failure' in shipped) return shipped
  const { bundles } = shipped
  tools.say(`${bundles.length} bundles made, ${Math.ceil((await sizeOf(bundles)) / 1_000)} kB`)
  return {
    bundles: bundles.map((bundle, index) => ({ ...bundle, code: digests[index] ?? '' })),
    inputs: [...new Set([...filesOf(result).filter(isOfRepository), ...ownFiles.shipped(bundles)])],
  }
}

/** How all functions are bundled, as often as that turns out to be needed. */
async function bundlingOf(
  { source, project, install }: Sources & { project: Project } & Installed,
  ownFiles: OwnFiles,
  output: string,
  tools: Tools,
) {
  const { files } = project.functions
  const tree = install?.tree ?? null
  const aliases = await findAliases(source, project.functions.folder, tools.say)
  const own = aliases === null ? {} : bundlerAliases(aliases)
  const { node, isolation } = tools.machine
  const env = cleanEnvironment(tools.machine, tools.workspace)
  const compiler = { node, leash: isolation.leash, env }
  const compiled = new Set<string>()
  const bundle = async (some: string[], sharing: boolean, shipping: Plugin, missing: string[]) => {
    const decorated = decoratorMetadata(source, tree, createDecoratorCompiler(compiler), ownFiles.rewrite)
    const plugins = [
      entries(source, project.functions.style, sharing),
      suffixed(source),
      ...(aliases === null ? [] : [projectAliases(source, aliases)]),
      frameworkModules(source),
      ownFiles.plugin,
      shipping,
      tolerateMissing(missing, tools.say),
      decorated.plugin,
    ]
    const entryPoints = some.map(file => entryPoint(file, entryOf(file)))
    const made = await runBundler(
      { source, output, entryPoints, sharing, plugins, aliases: own },
      tools.signal,
    )
    for (const file of decorated.compiled()) compiled.add(file)
    return {
      ...made,
      errors: decorated.inSources(made.errors),
      warnings: decorated.inSources(made.warnings),
    }
  }
  const attempt = (shipping: Plugin, missing: string[]) =>
    bundleSharing(files, (some, sharing) => bundle(some, sharing, shipping, missing))
  return { attempt, compiled }
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
