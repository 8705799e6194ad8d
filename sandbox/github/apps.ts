// Apps: registering one (at start, or from a manifest a person confirmed) and the one-time codes of both flows.
import { generateKeyPairSync, randomBytes, randomInt } from 'node:crypto'
import * as z from 'zod'
import { HttpError } from '../http/reply.ts'
import { ensureBot } from './accounts.ts'
import type { App, Code } from './state.ts'
import { now, type World } from './world.ts'

export function generatePrivateKey(): string {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  }).privateKey
}

export const newSecret = () => randomBytes(24).toString('hex')

export type AppRegistration = Pick<
  App,
  'id' | 'slug' | 'name' | 'privateKey' | 'webhookSecret' | 'webhookUrl'
> &
  Pick<App, 'permissions' | 'events'> & { clientId?: string; clientSecret?: string }

/** The App given at start replaces what was stored under its id, so changed settings take effect. */
export function ensureApp(world: World, wanted: AppRegistration, owner: string): App {
  const stored = world.state.apps.find(app => app.id === wanted.id)
  const app: App = {
    description: null,
    externalUrl: world.url,
    callbackUrls: [],
    setupUrl: null,
    createdAt: now(),
    ...stored,
    ...wanted,
    owner: stored?.owner ?? owner,
    clientId: wanted.clientId ?? stored?.clientId ?? `Iv1.${newSecret().slice(0, 16)}`,
    clientSecret: wanted.clientSecret ?? stored?.clientSecret ?? newSecret(),
  }
  world.state.apps = [...world.state.apps.filter(other => other.id !== app.id), app]
  ensureBot(world, app)
  return app
}

const manifestSchema = z.object({
  name: z.string().min(1).max(34).optional(),
  url: z.url(),
  hook_attributes: z.object({ url: z.url(), active: z.boolean().optional() }).optional(),
  redirect_url: z.url().optional(),
  callback_urls: z.array(z.url()).max(10).optional(),
  setup_url: z.url().optional(),
  description: z.string().optional(),
  default_events: z.array(z.string()).optional(),
  default_permissions: z.record(z.string(), z.string()).optional(),
})
export type Manifest = z.infer<typeof manifestSchema>

export function parseManifest(text: string): Manifest {
  try {
    return manifestSchema.parse(JSON.parse(text))
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : 'it is not JSON'
    throw new HttpError(422, `The manifest is not valid: ${reason}`)
  }
}

export function registerFromManifest(world: World, manifest: Manifest, name: string, owner: string): App {
  const slug = slugOf(name)
  if (world.state.apps.some(app => app.slug === slug))
    throw new HttpError(422, `Name ${name} is already taken`)
  const app: App = {
    id: newAppId(world),
    slug,
    name,
    owner,
    description: manifest.description ?? null,
    externalUrl: manifest.url,
    privateKey: generatePrivateKey(),
    webhookSecret: newSecret(),
    webhookUrl: manifest.hook_attributes?.active === false ? null : (manifest.hook_attributes?.url ?? null),
    permissions: { metadata: 'read', ...manifest.default_permissions },
    events: manifest.default_events ?? [],
    clientId: `Iv1.${newSecret().slice(0, 16)}`,
    clientSecret: newSecret(),
    callbackUrls: manifest.callback_urls ?? [],
    setupUrl: manifest.setup_url ?? null,
    createdAt: now(),
  }
  world.state.apps.push(app)
  ensureBot(world, app)
  world.save()
  return app
}

export const slugOf = (name: string) =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')

/** Never the id of an earlier App, so nobody can take one for the other. */
function newAppId(world: World): number {
  const id = randomInt(100_000, 999_999)
  return world.state.apps.some(app => app.id === id) ? newAppId(world) : id
}

type Unexpired<T> = T extends { expiresAt: number } ? Omit<T, 'expiresAt'> : never

export function issueCode(world: World, code: Unexpired<Code>, lifeMs: number): string {
  const text = randomBytes(20).toString('hex')
  const record: Code = { ...code, expiresAt: Date.now() + lifeMs }
  world.state.codes[text] = record
  world.save()
  return text
}

/** A code works once and for a while; null when it does not (any more). */
export function redeemCode<Kind extends Code['kind']>(
  world: World,
  kind: Kind,
  text: string,
): Extract<Code, { kind: Kind }> | null {
  const code = world.state.codes[text]
  if (!code || !isKind(code, kind)) return null
  delete world.state.codes[text]
  world.save()
  return code.expiresAt > Date.now() ? code : null
}

function isKind<Kind extends Code['kind']>(code: Code, kind: Kind): code is Extract<Code, { kind: Kind }> {
  return code.kind === kind
}
