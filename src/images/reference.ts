// Names of images: a registry, a path, and a tag or a digest, as people write them; and the names that versions get. Pure.
import { createHash } from 'node:crypto'

export interface Reference {
  /** http://localhost:5000 */
  registry: string
  name: string
  /** A tag, or sha256:… */
  version: string
}

const word = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*'
const usableName = new RegExp(`^${word}(?:/${word})*$`)

/** node:24-slim, registry.example.com/base/node@sha256:…, http://localhost:5000/base. Null: it is none. */
export function parseReference(text: string): Reference | null {
  const [, scheme = 'https://', rest = ''] = /^(https?:\/\/)?(.+)$/.exec(text) ?? []
  const [, path = '', digest, tag] =
    /^(.+?)(?:@(sha256:[0-9a-f]{64})|:([\w][\w.-]{0,127}))?$/.exec(rest) ?? []
  const [first = '', ...more] = path.split('/')
  const hasHost = more.length > 0 && /^[a-z0-9].*[.:]|^localhost$/.test(first)
  const host = hasHost ? first : 'docker.io'
  const name = hasHost ? more.join('/') : more.length > 0 ? path : `library/${path}`
  if (!usableName.test(name)) return null
  // Docker's own registry answers under another name than it has.
  const registry = host === 'docker.io' ? 'https://registry-1.docker.io' : `${scheme}${host}`
  return { registry, name, version: digest ?? tag ?? 'latest' }
}

export interface Place {
  owner: string
  repository: string
  environment: string
  functionName: string
}

/** Below the configured one, for each function of an environment. */
export function nameOfImage(prefix: string, { owner, repository, environment, functionName }: Place): string {
  const path = [owner, repository, environment, functionName].map(segment).join('/')
  return prefix === '' ? path : `${prefix}/${path}`
}

/** Where it says too little in the few letters that a name may have: with a digest of what it was. */
function segment(text: string): string {
  if (new RegExp(`^${word}$`).test(text) && text.length <= 60) return text
  const clean = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 50)
    .replace(/-+$/, '')
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 6)
  return clean === '' ? digest : `${clean}-${digest}`
}

/** As people pull it: without the scheme. */
export function tagOf(registry: string, name: string, version: number): string {
  return `${registry.replace(/^https?:\/\//, '')}/${name}:v${version}`
}
