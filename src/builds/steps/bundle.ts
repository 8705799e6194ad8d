// Step 5: one bundle a function file, its dependencies inside, with a source map. A bundle is an ES module whose default
// export is the file's, however the file exports it (ESM, CommonJS, CommonJS made from ESM).
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import {
  type BuildOptions,
  type BuildResult,
  context,
  type Message,
  type Metafile,
  type Plugin,
} from 'esbuild'
import { z } from 'zod'
import { findAliases, projectAliases } from '../bundling/aliases.ts'
import { decoratorMetadata } from '../bundling/decorated.ts'
import { createDecoratorCompiler } from '../bundling/decorator-compiler.ts'
import { entries, entryPoint } from '../bundling/entry.ts'
import { frameworkModules } from '../bundling/framework-modules.ts'
import { fileOf, loaders, suffixed } from '../bundling/loaders.ts'
import { missingIn, tolerateMissing } from '../bundling/missing.ts'
import { keepNotes, type Notes, readNotes } from '../bundling/notes.ts'
import { compileFailure } from '../compile-failure.ts'
import { type Failed, failed } from '../failure.ts'
import { cleanEnvironment } from '../machine.ts'
import { type Places, relocateCode, relocateMap, relocatePath } from '../relocate.ts'
import type { Order } from '../store.ts'
import type { Tools } from '../tools.ts'
import type { Project } from './detect.ts'
import type { Installed } from './install.ts'

export interface Bundle {
  /** The function's file, relative to the repository. */
  file: string
  code: Buffer
  sourceMap: Buffer
  /** Where both are to be loaded from; not to be relied on after the build. */
  path: string
}

/** A bundle ends with a link to its map under this name: whoever runs it puts both into one folder. */
export const bundleName = 'bundle.mjs'
export const sourceMapName = 'bundle.mjs.map'

// CommonJS dependencies call require for Node's own modules, and find their folder by __dirname (defined below). The
// bundler renames whatever in the project would collide with these.
const banner = `import { createRequire as __sluiceRequire } from 'node:module'
const require = __sluiceRequire(import.meta.url)`

export async function bundleFunctions(
  order: Order & { source: string; project: Project } & Installed,
  tools: Tools,
): Promise<{ bundles: Bundle[]; inputs: string[] } | Failed> {
  const { source, project, install } = order
  const output = path.join(source, '.sluice') // nothing is written there: sources are relative to it
  const tree = install?.tree ?? null
  const places: Places = {
    installs: tree === null ? null : path.relative(source, tree),
    bundle: path.relative(source, output),
  }
  const pathOf = (file: string) => relocatePath(file, places)
  const aliases = await findAliases(source, project.functions.folder, tools.say)
  const compiler = { ...tools.machine, env: cleanEnvironment(tools.machine, tools.workspace) }
  const result = await bundleKnowing(tree, async ({ missing }) => {
    const decorated = decoratorMetadata(source, tree, createDecoratorCompiler(compiler))
    const plugins = [
      entries(source, project.functions.style),
      suffixed(source),
      ...(aliases === null ? [] : [projectAliases(source, aliases)]),
      frameworkModules(source),
      tolerateMissing(missing, tools.say),
      decorated.plugin,
    ]
    const made = await bundle(optionsFor(source, output, project.functions.files, plugins), tools.signal)
    return {
      ...made,
      errors: decorated.inSources(made.errors),
      warnings: decorated.inSources(made.warnings),
    }
  })
  for (const warning of result.warnings) tools.say(`warning: ${describe(warning, pathOf)}`)
  const outside = filesOf(result).map(pathOf).find(isOutside)
  // First, because the bundler's errors would quote what it read there.
  if (outside !== undefined)
    return failed('outside_repository', `A file imports ${outside}, which is outside the repository.`)
  if (result.errors.length > 0) return compileFailure(result.errors, pathOf)
  const bundles = await Promise.all(
    project.functions.files.map((file, index) => take(file, index, result, places, tools.workspace.bundles)),
  )
  const size = bundles.reduce((sum, { code }) => sum + code.length, 0)
  tools.say(`${bundles.length} bundles made, ${Math.ceil(size / 1_000)} kB`)
  return { bundles, inputs: filesOf(result).filter(isOfRepository) }
}

function optionsFor(source: string, output: string, files: string[], plugins: Plugin[]): BuildOptions {
  return {
    absWorkingDir: source,
    entryPoints: files.map((file, index) => entryPoint(file, String(index))),
    outdir: output,
    write: false,
    metafile: true,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    keepNames: true, // a function's name is its identity
    sourcemap: 'external',
    sourcesContent: false,
    legalComments: 'none',
    logLevel: 'silent',
    logLimit: 0,
    banner: { js: banner },
    define: { __dirname: 'import.meta.dirname', __filename: 'import.meta.filename' },
    jsx: 'automatic', // where the project's tsconfig does not say
    loader: loaders,
    plugins,
  }
}

/** Once more where it turns out that packages ask for what is not installed; the next build knows it from the start. */
async function bundleKnowing(
  tree: string | null,
  attempt: (notes: Notes) => Promise<BuildResult>,
): Promise<BuildResult> {
  const known = await readNotes(tree)
  const result = await attempt(known)
  const missing = missingIn(result.errors)
  if (missing.length === 0) return result
  const notes = { ...known, missing: [...new Set([...known.missing, ...missing])].sort() }
  await keepNotes(tree, notes)
  return attempt(notes)
}

const BuildError = z.object({ errors: z.array(z.custom<Message>()), warnings: z.array(z.custom<Message>()) })

/** Its errors are part of the result; what is thrown is not about the sources. */
async function bundle(options: BuildOptions, signal: AbortSignal): Promise<BuildResult> {
  signal.throwIfAborted()
  const building = await context(options)
  const cancel = () => void building.cancel()
  signal.addEventListener('abort', cancel, { once: true })
  try {
    return await building.rebuild()
  } catch (error) {
    signal.throwIfAborted()
    const failure = BuildError.safeParse(error)
    if (!failure.success) throw error
    return { ...failure.data, outputFiles: [], metafile: noMetafile, mangleCache: {} }
  } finally {
    signal.removeEventListener('abort', cancel)
    await building.dispose()
  }
}

const noMetafile: Metafile = { inputs: {}, outputs: {} }

function filesOf({ metafile, errors }: BuildResult): string[] {
  return [
    ...Object.keys(metafile?.inputs ?? {}).map(fileOf),
    ...errors.flatMap(({ location }) => location?.file ?? []),
  ]
}

/** Dependencies lie in the cache, or are only put into the repository's folder. */
function isOfRepository(input: string): boolean {
  return !isOutside(input) && !/^[a-z]+:/.test(input) && !input.split('/').includes('node_modules')
}

function isOutside(input: string): boolean {
  return input.startsWith('../') || path.isAbsolute(input)
}

async function take(
  file: string,
  index: number,
  result: BuildResult,
  places: Places,
  folder: string,
): Promise<Bundle> {
  const text = (name: string) => {
    const found = result.outputFiles?.find(output => path.basename(output.path) === name)
    if (!found) throw new Error(`the bundler left out ${name} of ${file}`)
    return found.text
  }
  const code = Buffer.from(
    `${relocateCode(text(`${index}.js`), places)}//# sourceMappingURL=${sourceMapName}\n`,
  )
  const sourceMap = Buffer.from(relocateMap(text(`${index}.js.map`), places, path.posix.join))
  const own = path.join(folder, String(index))
  await mkdir(own)
  await writeFile(path.join(own, bundleName), code)
  await writeFile(path.join(own, sourceMapName), sourceMap)
  return { file, code, sourceMap, path: path.join(own, bundleName) }
}

function describe({ text, location }: Message, pathOf: (file: string) => string): string {
  return location ? `${pathOf(location.file)}:${location.line}: ${text}` : text
}
