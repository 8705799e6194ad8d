// Puts an image into a registry: what it has already is not sent again, the base's layers are taken over there where they can be.
import { AppError } from '../errors.ts'
import type { Base, Image } from './image.ts'
import { digestOf, mediaTypes } from './layer.ts'
import { pullScope } from './read-base.ts'
import type { Reference } from './reference.ts'
import type { Registry } from './registry.ts'

export interface Target {
  registry: Registry
  name: string
}

/** How a blob came there. */
export type Came = 'was there' | 'taken over' | 'sent'

export async function push(
  { registry, name }: Target,
  image: Image,
  base: { registry: Registry; reference: Reference; image: Base; sameRegistry: boolean },
  tag: string,
): Promise<Map<string, Came>> {
  const came = new Map<string, Came>()
  const from = base.sameRegistry ? base.reference.name : null
  const scope = from === null ? pushScope(name) : `${pushScope(name)} ${pullScope(from)}`
  for (const { digest } of base.image.layers) {
    const read = () => readBlob(base.registry, base.reference.name, digest)
    came.set(digest, await put({ registry, name, scope }, digest, read, from))
  }
  for (const { digest, data } of image.blobs)
    came.set(digest, await put({ registry, name, scope }, digest, async () => data, null))
  await registry.ask('PUT', `/v2/${name}/manifests/${tag}`, {
    headers: { 'content-type': mediaTypes.manifest },
    body: image.manifest,
    scope,
  })
  return came
}

const pushScope = (name: string) => `repository:${name}:pull,push`

async function put(
  { registry, name, scope }: Target & { scope: string },
  digest: string,
  read: () => Promise<Buffer>,
  from: string | null,
): Promise<Came> {
  if (await registry.ask('HEAD', `/v2/${name}/blobs/${digest}`, { scope })) return 'was there'
  const mount = from === null ? '' : `?${new URLSearchParams({ mount: digest, from })}`
  const begun = await registry.ask('POST', `/v2/${name}/blobs/uploads/${mount}`, { scope })
  await begun?.body?.cancel()
  if (begun?.status === 201) return 'taken over'
  const location = begun?.headers.get('location')
  if (!location) throw new AppError('unavailable', `The registry began no upload of ${digest} to ${name}.`)
  // Its own words, with ours added: some have a state in it.
  const url = new URL(location, begun?.url)
  url.searchParams.set('digest', digest)
  const sent = await registry.ask('PUT', url.href, {
    headers: { 'content-type': 'application/octet-stream' },
    body: await read(),
    scope,
  })
  if (!sent) throw new AppError('unavailable', `The registry lost the upload of ${digest} to ${name}.`)
  return 'sent'
}

async function readBlob(registry: Registry, name: string, digest: string): Promise<Buffer> {
  const response = await registry.ask('GET', `/v2/${name}/blobs/${digest}`, { scope: pullScope(name) })
  if (!response) throw new AppError('unavailable', `${name} has lost its layer ${digest}.`)
  const content = Buffer.from(await response.arrayBuffer())
  if (digestOf(content) !== digest) throw new AppError('unavailable', `${name}: ${digest} is damaged.`)
  return content
}
