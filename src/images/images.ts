// Makes an image of each version and pushes it, in the background: no release waits for it, and none fails for it. What fails is
// tried again, later each time.
import type { ArtifactStore } from '../builds/ports.ts'
import type { Config } from '../config.ts'
import type { Db } from '../db/client.ts'
import { messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import { every, type Service } from '../service.ts'
import { makeImage } from './image.ts'
import { claimNext, failed, pushed, type ToMake } from './images-store.ts'
import { type Came, push } from './push.ts'
import { readBase } from './read-base.ts'
import { nameOfImage, parseReference, tagOf } from './reference.ts'
import { createRegistry } from './registry.ts'
import { layersOf } from './version-layers.ts'

interface Deps {
  db: Db
  artifacts: Pick<ArtifactStore, 'get'>
  settings: NonNullable<Config['images']>
  log: Log
  lookMs?: number
}

const firstWaitSeconds = 30
const longestWaitSeconds = 6 * 3_600

export function createImages({ lookMs = 10_000, ...deps }: Deps): Service {
  return every('images', lookMs, deps.log, async () => {
    while (await makeNext(deps));
  })
}

/** False: there was nothing to do. */
export async function makeNext(deps: Omit<Deps, 'lookMs'>): Promise<boolean> {
  const { db, log } = deps
  const version = await claimNext(db)
  if (!version) return false
  const about = { function: version.functionName, version: version.number }
  try {
    const image = await makeAndPush(deps, version)
    await pushed(db, version.versionId, image)
    log.info({ ...about, ...image }, 'image pushed')
  } catch (error) {
    const wait = Math.min(longestWaitSeconds, firstWaitSeconds * 2 ** (version.tries - 1))
    await failed(db, version.versionId, messageOf(error).slice(0, 1_000), wait)
    log.warn({ ...about, error }, `no image could be pushed, next try in ${wait} s: ${messageOf(error)}`)
  }
  return true
}

export interface Pushed {
  tag: string
  digest: string
}

async function makeAndPush({ artifacts, settings, log }: Deps, version: ToMake): Promise<Pushed> {
  const target = new URL(settings.registry)
  const name = nameOfImage(target.pathname.replace(/^\/+|\/+$/g, ''), version)
  const reference = parseReference(settings.base)
  if (!reference) throw new Error(`SLUICE_IMAGE_BASE: "${settings.base}" names no image`) // config.ts has looked
  const registry = createRegistry(target.origin, settings.credentials)
  const sameRegistry = reference.registry === target.origin
  const baseRegistry = sameRegistry ? registry : createRegistry(reference.registry, null)
  const base = await readBase(baseRegistry, reference)
  const made = await layersOf(artifacts, version)
  const image = makeImage({ base, ...made, title: version.functionName })
  const from = { registry: baseRegistry, reference, image: base, sameRegistry }
  const came = await push({ registry, name }, image, from, `v${version.number}`)
  log.debug({ name, ...counted(came) }, 'layers')
  return { tag: tagOf(target.origin, name, version.number), digest: image.digest }
}

function counted(came: Map<string, Came>): Record<string, number> {
  return Object.fromEntries(
    [...Map.groupBy(came.values(), way => way)].map(([way, all]) => [way, all.length]),
  )
}
