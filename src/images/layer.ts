// A layer of an image: files as a tar archive that is the same bytes for the same files, whoever makes it and when. In order of
// path, of nobody, of the beginning of time. Pure.
import { createHash } from 'node:crypto'
import { constants, gzipSync } from 'node:zlib'
import { Header, Pax } from 'tar'

export interface LayerFile {
  /** Below the root of the image, without a leading slash. */
  path: string
  content: Buffer
  executable?: boolean
}

export interface Blob {
  mediaType: string
  digest: string
  size: number
  data: Buffer
}

export interface Layer extends Blob {
  /** Of what is inside the compression: what the image's configuration names. */
  diffId: string
}

export const mediaTypes = {
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
  config: 'application/vnd.oci.image.config.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
} as const

const blockSize = 512
const beginning = new Date(0)

export function digestOf(content: Buffer): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`
}

export function makeLayer(files: readonly LayerFile[]): Layer {
  const sorted = files.toSorted((a, b) => (a.path < b.path ? -1 : 1))
  const folders = [...new Set(sorted.flatMap(({ path }) => parentsOf(path)))].sort()
  const archive = Buffer.concat([
    ...folders.map(path => headerOf({ path: `${path}/`, mode: 0o755, size: 0, type: 'Directory' })),
    ...sorted.flatMap(({ path, content, executable }) => [
      headerOf({ path, mode: executable ? 0o755 : 0o644, size: content.length, type: 'File' }),
      content,
      Buffer.alloc((blockSize - (content.length % blockSize)) % blockSize),
    ]),
    Buffer.alloc(2 * blockSize),
  ])
  const data = gzipSync(archive, { level: constants.Z_BEST_SPEED })
  data[9] = 255 // which system made it: unknown
  return {
    mediaType: mediaTypes.layer,
    digest: digestOf(data),
    size: data.length,
    data,
    diffId: digestOf(archive),
  }
}

function parentsOf(path: string): string[] {
  const parts = path.split('/').slice(0, -1)
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'))
}

interface Entry {
  path: string
  mode: number
  size: number
  type: 'Directory' | 'File'
}

/** Long paths do not fit: then a header of its own comes before it that says the path. */
function headerOf({ path, mode, size, type }: Entry): Buffer {
  const about = { path, mode, size, type, uid: 0, gid: 0, mtime: beginning, uname: '', gname: '' }
  const block = Buffer.alloc(blockSize)
  const header = new Header(about)
  const needsPax = header.encode(block, 0)
  return needsPax ? Buffer.concat([new Pax({ path }).encode(), block]) : block
}
