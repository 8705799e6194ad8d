// The image that functions are put on: what the registry says of it, for the platform we run on.
import { AppError } from '../errors.ts'
import { type Base, BaseConfig, Manifest, ManifestList } from './image.ts'
import { digestOf, mediaTypes } from './layer.ts'
import type { Reference } from './reference.ts'
import type { Registry } from './registry.ts'

const accepted = [
  mediaTypes.manifest,
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
].join(', ')
const largest = 4 * 1024 * 1024
const architectures: Record<string, string> = { x64: 'amd64', arm64: 'arm64' }

export const pullScope = (name: string) => `repository:${name}:pull`

export async function readBase(registry: Registry, { name, version }: Reference): Promise<Base> {
  const read = async (path: string, digest?: string): Promise<unknown> => {
    const response = await registry.ask('GET', `/v2/${name}/${path}`, {
      headers: { accept: accepted },
      scope: pullScope(name),
    })
    if (!response)
      throw new AppError('misconfigured', `SLUICE_IMAGE_BASE: the registry has no ${name}, ${path}.`)
    const content = Buffer.from(await response.arrayBuffer())
    if (content.length > largest) throw new AppError('misconfigured', `${name}, ${path} is too large.`)
    if (digest !== undefined && digestOf(content) !== digest)
      throw new AppError('unavailable', `${name}, ${path} is not what its digest says.`)
    return JSON.parse(content.toString())
  }
  const pinned = version.startsWith('sha256:') ? version : undefined
  const first = await read(`manifests/${version}`, pinned)
  const list = ManifestList.safeParse(first)
  const manifest = list.success ? await ofOurPlatform(list.data.manifests, read, name) : first
  const { config, layers } = Manifest.parse(manifest)
  return { layers, config: BaseConfig.parse(await read(`blobs/${config.digest}`, config.digest)) }
}

function ofOurPlatform(
  manifests: { digest: string; platform?: { os: string; architecture: string } | undefined }[],
  read: (path: string, digest: string) => Promise<unknown>,
  name: string,
): Promise<unknown> {
  const architecture = architectures[process.arch] ?? process.arch
  const ours = manifests.find(
    one => one.platform?.os === 'linux' && one.platform.architecture === architecture,
  )
  if (ours) return read(`manifests/${ours.digest}`, ours.digest)
  throw new AppError('misconfigured', `SLUICE_IMAGE_BASE: ${name} has nothing for linux/${architecture}.`)
}
