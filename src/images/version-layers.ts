// What the image of a version consists of besides its base: the program that runs it, the packages shipped beside it, and its own
// files. Each is a layer of its own, so that a changed function is one small layer more in the registry.
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'
import { readIndex } from '../builds/bundle-index.ts'
import type { ArtifactStore } from '../builds/ports.ts'
import { type Layer, type LayerFile, makeLayer } from './layer.ts'

export interface VersionLayers {
  layers: Layer[]
  args: string[]
}

type Artifacts = Pick<ArtifactStore, 'get'>
const program = 'sluice/run.cjs'
const folder = 'function'

export async function layersOf(
  artifacts: Artifacts,
  version: { bundleDigest: string; sourceMapDigest: string },
): Promise<VersionLayers> {
  const { entry, files } = await filesOf(artifacts, version)
  const isShipped = ({ path }: LayerFile) => path.includes('/node_modules/')
  const shipped = files.filter(isShipped)
  const own = files.filter(file => !isShipped(file))
  return {
    layers: [programLayer(), ...(shipped.length > 0 ? [makeLayer(shipped)] : []), makeLayer(own)],
    args: [`/${program}`, `/${folder}/${entry}`],
  }
}

async function filesOf(
  artifacts: Artifacts,
  { bundleDigest, sourceMapDigest }: { bundleDigest: string; sourceMapDigest: string },
): Promise<{ entry: string; files: LayerFile[] }> {
  const bundle = await artifacts.get(bundleDigest)
  const code = readIndex(bundle)
  // A version made when a bundle was one file.
  if (!code) return { entry: 'bundle.mjs', files: [{ path: `${folder}/bundle.mjs`, content: bundle }] }
  if (code.entry === undefined) throw new Error(`artifact ${bundleDigest} lists no file to load`)
  const maps = readIndex(await artifacts.get(sourceMapDigest))
  const files: LayerFile[] = []
  for (const { path, digest, executable } of [...code.files, ...(maps?.files ?? [])])
    files.push({
      path: `${folder}/${path}`,
      content: await artifacts.get(digest),
      ...(executable ? { executable } : {}),
    })
  return { entry: code.entry, files }
}

let made: Layer | null = null
function programLayer(): Layer {
  made ??= makeLayer([{ path: program, content: programText() }])
  return made
}

function programText(): Buffer {
  const { outputFiles } = buildSync({
    entryPoints: [fileURLToPath(new URL('./inside/run-once.ts', import.meta.url))],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
    target: 'node24',
  })
  return Buffer.from(outputFiles[0]?.contents ?? '')
}
