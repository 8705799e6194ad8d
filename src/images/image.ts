// An image of a base and some layers more: its configuration and its manifest, in bytes that depend on nothing else. Pure.
import { z } from 'zod'
import { type Blob, digestOf, type Layer, mediaTypes } from './layer.ts'

const Digest = z.string().regex(/^sha256:[0-9a-f]{64}$/)
const Descriptor = z.object({ mediaType: z.string().max(200), digest: Digest, size: z.number().int().min(0) })

/** What a registry says of the base: a stranger's words. */
export const Manifest = z.object({ config: Descriptor, layers: z.array(Descriptor).max(200) })
export const ManifestList = z.object({
  manifests: z
    .array(Descriptor.extend({ platform: z.object({ os: z.string(), architecture: z.string() }).optional() }))
    .max(200),
})
export const BaseConfig = z.object({
  architecture: z.string(),
  os: z.string(),
  config: z
    .object({
      Env: z.array(z.string()).nullish(),
      Labels: z.record(z.string(), z.string()).nullish(),
    })
    .nullish(),
  rootfs: z.object({ type: z.literal('layers'), diff_ids: z.array(Digest) }),
})

export interface Base {
  layers: z.infer<typeof Descriptor>[]
  config: z.infer<typeof BaseConfig>
}

export interface Image {
  manifest: Buffer
  digest: string
  /** Everything of it that is not the base's. */
  blobs: Blob[]
}

export interface Made {
  base: Base
  layers: readonly Layer[]
  /** After the program that runs it. */
  args: string[]
  title: string
}

const beginning = '1970-01-01T00:00:00Z'
const nobody = '65532:65532'

export function makeImage({ base, layers, args, title }: Made): Image {
  const own = base.config.config ?? {}
  const config = blobOf(mediaTypes.config, {
    created: beginning,
    architecture: base.config.architecture,
    os: base.config.os,
    config: {
      User: nobody,
      Env: [...(own.Env ?? []), 'NODE_ENV=production', 'TZ=UTC'],
      Entrypoint: ['node', ...args],
      WorkingDir: '/function',
      Labels: { ...own.Labels, 'org.opencontainers.image.title': title },
    },
    rootfs: { type: 'layers', diff_ids: [...base.config.rootfs.diff_ids, ...layers.map(one => one.diffId)] },
    history: layers.map(() => ({ created: beginning, created_by: 'sluice' })),
  })
  const described = ({ mediaType, digest, size }: Blob) => ({ mediaType, digest, size })
  const manifest = blobOf(mediaTypes.manifest, {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: described(config),
    layers: [...base.layers.map(ofOci), ...layers.map(described)],
  })
  return { manifest: manifest.data, digest: manifest.digest, blobs: [...layers, config] }
}

function blobOf(mediaType: string, value: unknown): Blob {
  const data = Buffer.from(JSON.stringify(value))
  return { mediaType, digest: digestOf(data), size: data.length, data }
}

/** Docker has a word of its own for the same layers; a manifest has those of one kind. */
function ofOci({ mediaType, digest, size }: Base['layers'][number]) {
  const isDockers = mediaType === 'application/vnd.docker.image.rootfs.diff.tar.gzip'
  return { mediaType: isDockers ? mediaTypes.layer : mediaType, digest, size }
}
