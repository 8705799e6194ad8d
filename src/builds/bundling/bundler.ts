// The bundler as every build uses it: modules for Node, each with a source map. What is wrong with the
// sources is part of its result; what is thrown is not about them.
import {
  type BuildOptions,
  type BuildResult,
  context,
  type Message,
  type Metafile,
  type OutputFile,
  type Plugin,
  transform,
} from 'esbuild'
import { z } from 'zod'
import { startWith } from '../processes/machine.ts'
import { loaders } from './loaders.ts'
import { bundlePlace } from './own-place.ts'

export interface Bundled extends Pick<BuildResult, 'errors' | 'warnings'> {
  outputFiles: OutputFile[]
  metafile: Metafile
}

export interface Request {
  source: string
  /** The paths in what is made are relative to it. */
  output: string
  /** Whether what is made is written there, rather than handed over. */
  write?: boolean
  entryPoints: { in: string; out: string }[]
  /** Whether what several entries reach is made once, as files that they import. */
  sharing: boolean
  plugins: Plugin[]
  /** Names and the files or folders they stand for, relative to the source. */
  aliases: Record<string, string>
}

export const moduleExtension = '.mjs'

// CommonJS dependencies call require for Node's own modules, and find their folder by __dirname (defined below). The
// bundler renames whatever in the project would collide with these.
const banner = `import { createRequire as __sluiceRequire } from 'node:module'
const require = __sluiceRequire(import.meta.url)`

/** How each file is understood, whatever is made of it. */
export const language = {
  platform: 'node',
  format: 'esm',
  target: 'node24',
  keepNames: true, // a function's name is its identity
  legalComments: 'none',
  banner: { js: banner },
  define: {
    __dirname: 'import.meta.dirname',
    __filename: 'import.meta.filename',
    [bundlePlace.folder]: 'import.meta.dirname',
    [bundlePlace.url]: 'import.meta.url',
  },
  jsx: 'automatic', // where the project's tsconfig does not say
  loader: loaders,
} as const satisfies BuildOptions

function optionsFor({
  source,
  output,
  write = false,
  entryPoints,
  sharing,
  plugins,
  aliases,
}: Request): BuildOptions {
  return {
    ...language,
    absWorkingDir: source,
    entryPoints,
    outdir: output,
    outExtension: { '.js': moduleExtension },
    chunkNames: 'chunk-[hash]',
    write,
    metafile: true,
    bundle: true,
    splitting: sharing,
    sourcemap: 'external',
    sourcesContent: false,
    logLevel: 'silent',
    logLimit: 0,
    alias: aliases,
    plugins,
  }
}

// For Go's collector, which otherwise lets twice as much memory be held as is in use. It matters where packages are bundled, which
// is seldom; pushes that bundle the repository's own code come nowhere near.
const thrifty = { GOGC: '100', GOMEMLIMIT: '350MiB' }

/** Starts the bundler's own process, so that no build has to wait for it. */
export async function startBundler(): Promise<void> {
  await startWith(thrifty, () => transform(''))
}

const BuildError = z.object({ errors: z.array(z.custom<Message>()), warnings: z.array(z.custom<Message>()) })

export async function runBundler(request: Request, signal: AbortSignal): Promise<Bundled> {
  signal.throwIfAborted()
  const building = await context(optionsFor(request))
  const cancel = () => void building.cancel()
  signal.addEventListener('abort', cancel, { once: true })
  try {
    const { errors, warnings, outputFiles = [], metafile = noMetafile } = await building.rebuild()
    return { errors, warnings, outputFiles, metafile }
  } catch (error) {
    signal.throwIfAborted()
    const failure = BuildError.safeParse(error)
    if (!failure.success) throw error
    return { ...failure.data, outputFiles: [], metafile: noMetafile }
  } finally {
    signal.removeEventListener('abort', cancel)
    await building.dispose()
  }
}

const noMetafile: Metafile = { inputs: {}, outputs: {} }
