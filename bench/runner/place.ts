// Children as a worker has them: the same walls, the same program, and bundles made by the bundler from real packages.
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { build } from 'esbuild'
import { searchPathOf } from '../../src/builds/processes/machine.ts'
import type { Attempt, Runner } from '../../src/executions/ports.ts'
import { findIsolation } from '../../src/isolation/find-isolation.ts'
import { createLog } from '../../src/log.ts'
import { createBundleCache } from '../../src/runner/bundle-cache.ts'
import { createEnclosures } from '../../src/runner/enclosures.ts'
import { createHomes } from '../../src/runner/homes.ts'
import { createProcessRunner } from '../../src/runner/process.ts'
import { nodeArguments, writeProgram } from '../../src/runner/program.ts'
import { type Cost, measureStart } from './start.ts'

export interface Place {
  runner: Runner
  /** A call of that code; the same code is the same version. */
  attempt(code: Code, args?: unknown[]): Attempt
  /** Starts a child with that code, until it could run a call. */
  cold(code: Code): Promise<Cost>
  /** `node -e 0` within the same walls, until it has ended. */
  node(): Promise<Cost>
}

export interface Code {
  bundle: Buffer
  sourceMap: Buffer
}

const heapMb = 1_024
const slots = 4

/** `source` with all that it imports, as a build makes it. */
export async function bundled(source: string): Promise<Code> {
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: import.meta.dirname },
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    sourcemap: true,
    outfile: 'bundle.mjs',
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)",
    },
  })
  const [sourceMap, bundle] = [outputFiles[0]?.contents ?? [], outputFiles[1]?.contents ?? []]
  return { bundle: Buffer.from(bundle), sourceMap: Buffer.from(sourceMap) }
}

export async function createPlace(folder: string): Promise<Place> {
  const log = createLog('error')
  const blobs = new Map<string, Buffer>()
  const artifacts = { get: async (digest: string) => blobs.get(digest) ?? Buffer.alloc(0) }
  const store = (content: Buffer) => {
    const digest = createHash('sha256').update(content).digest('hex')
    blobs.set(digest, content)
    return digest
  }
  const isolation = await findIsolation('auto', searchPathOf(), log)
  const homes = createHomes(path.join(folder, 'homes'))
  const enclosures = createEnclosures({ isolation, homes, heapMb })
  const program = writeProgram(path.join(folder, 'program'))
  const cache = createBundleCache(path.join(folder, 'bundles'), artifacts)
  async function within(args: string[], reads: string[], isChild: boolean): Promise<Cost> {
    const enclosure = await enclosures.make(args, reads)
    const cost = await measureStart(enclosure, isChild)
    enclosure.remove()
    await enclosures.removed()
    return cost
  }
  const options = { artifacts, folder, concurrency: slots, environmentFor: () => ({}), log }
  return {
    runner: createProcessRunner({ ...options, isolation: async () => isolation }),
    attempt: ({ bundle, sourceMap }, args = []) => ({
      executionId: 'e',
      number: 1,
      environmentId: 'e',
      functionId: 'f',
      functionName: 'f',
      versionId: store(bundle),
      bundleDigest: store(bundle),
      sourceMapDigest: store(sourceMap),
      arguments: JSON.stringify(args),
      maxDurationMs: 600_000,
    }),
    async cold({ bundle, sourceMap }) {
      const { folder: reads, entry } = await cache.fetch(store(bundle), store(sourceMap))
      return within([...nodeArguments(heapMb), program, entry], [program, reads], true)
    },
    node: () => within(['-e', '0'], [], false),
  }
}

/** Of all processes that have the word in their command line, as Linux shares it out among those that use it. */
export async function pssMb(word: string): Promise<{ processes: number; mb: number }> {
  const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name))
  const all = await Promise.all(
    pids.map(async pid => {
      const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
      if (!command.includes(word)) return []
      const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '')
      return [Number(/^Pss:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0) / 1_024]
    }),
  )
  const found = all.flat()
  return { processes: found.length, mb: found.reduce((sum, mb) => sum + mb, 0) }
}
