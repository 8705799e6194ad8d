// Settings: environment variables in, one frozen Config out. The only file that reads them. All problems are reported at
// once, each naming the variable and a remedy. Defaults live here and nowhere else.
import { existsSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import { z } from 'zod'
import { crashPoints, isCrashSetting } from './crash-point.ts'
import { parseDuration } from './duration.ts'
import { AppError } from './errors.ts'

export const roles = ['web', 'builder', 'worker'] as const
export type Role = (typeof roles)[number]

export interface GithubApp {
  appId: number
  privateKey: string
  webhookSecret: string
  clientId: string | null
  clientSecret: string | null
}

export interface Config {
  databaseUrl: string | null
  dataDir: string
  host: string
  port: number
  /** How others reach us; null: http://HOST:PORT once the port is known. */
  url: string | null
  /** `poll`: no webhook can reach us, so what GitHub recorded of its deliveries is read instead. */
  github: { url: string; apiUrl: string; throttle: boolean; poll: boolean; app: GithubApp | null }
  slack: { token: string; signingSecret: string | null; channel: string | null; apiUrl: string } | null
  storage: string
  masterKey: string | null
  /** Opens what it sealed, and seals nothing: while the master key is being changed. */
  masterKeyAlso: string | null
  isolation: 'required' | 'auto' | 'off'
  concurrency: number
  /** How long finished executions are kept, in seconds. */
  historySeconds: number
  /** Of this process's builder; another than stable is given on the command line of a builder that we start. */
  channel: string
  /** Further builders to start: another version of Sluice for the environments that ask for it. */
  builders: readonly { channel: string; checkout: string }[]
  /** Where images of versions are pushed; null: none are made. */
  images: {
    registry: string
    credentials: { user: string; password: string } | null
    base: string
  } | null
  logLevel: string
}

const blankIsUnset = (value: unknown) => (value === '' ? undefined : value)
const optional = <T extends z.ZodType>(type: T) => z.preprocess(blankIsUnset, type.optional())
const httpUrl = z.url({ protocol: /^https?$/ }).transform(url => url.replace(/\/+$/, ''))

const weakSecrets = new Set(['development', 'secret', 'changeme', 'password', 'test'])
// GITHUB.md section 3, must-have 3: Probot would fall back to the secret "development", with which anybody can sign.
const webhookSecret = z
  .string()
  .refine(secret => secret.length >= 32 && !weakSecrets.has(secret.toLowerCase()), {
    error: 'must be at least 32 characters and no default; make one with: openssl rand -hex 32',
  })
  .refine(secret => new Set(secret).size >= 8, {
    error: 'repeats a few characters only; make one with: openssl rand -hex 32',
  })

const masterKey = z
  .string()
  .min(32, 'must be at least 32 characters; make one with: openssl rand -hex 32')
  .refine(key => !key.includes('\n'), 'must be one line')

/** canary=/path/to/another/checkout,next=/path/to/a/third */
function parseBuilders(text: string, context: z.RefinementCtx): { channel: string; checkout: string }[] {
  const builders = text.split(',').flatMap(entry => {
    const [, channel, checkout] = /^\s*([a-z0-9][a-z0-9-]{0,30})=(\/.+?)\s*$/.exec(entry) ?? []
    if (channel && checkout && channel !== 'stable' && existsSync(path.join(checkout, 'bin/sluice.js')))
      return [{ channel, checkout }]
    const problem =
      checkout && channel !== 'stable'
        ? `there is no bin/sluice.js in ${checkout}; give the folder of a checkout of Sluice`
        : `"${entry.trim()}" must look like canary=/path/to/a/checkout, with another name than stable`
    context.addIssue({ code: 'custom', message: problem })
    return []
  })
  const names = builders.map(one => one.channel)
  const twice = names.find((name, index) => names.indexOf(name) < index)
  if (twice !== undefined) context.addIssue({ code: 'custom', message: `it names "${twice}" twice` })
  return builders
}

const imageName = /^(https?:\/\/)?[a-z0-9][\w./:@-]*$/
const shortestHistory = 60

function parseHistory(text: string, context: z.RefinementCtx): number {
  const seconds = parseDuration(text)
  if (seconds !== null && seconds >= shortestHistory) return seconds
  context.addIssue({
    code: 'custom',
    message: `"${text}" must be a duration of a minute or more, like 30d or 12h`,
  })
  return z.NEVER
}

const Settings = z.object({
  DATABASE_URL: optional(
    z.url({ protocol: /^postgres(ql)?$/, error: 'must look like postgres://user@host/database' }),
  ),
  SLUICE_DATA: optional(z.string()),
  HOST: optional(z.string()),
  PORT: optional(z.coerce.number().int().min(0).max(65_535)),
  SLUICE_URL: optional(httpUrl),
  APP_ID: optional(z.coerce.number().int().positive()),
  PRIVATE_KEY: optional(z.string()),
  PRIVATE_KEY_PATH: optional(z.string()),
  WEBHOOK_SECRET: optional(z.string()),
  GITHUB_CLIENT_ID: optional(z.string()),
  GITHUB_CLIENT_SECRET: optional(z.string()),
  GITHUB_URL: optional(httpUrl),
  GITHUB_API_URL: optional(httpUrl),
  GITHUB_THROTTLE: optional(z.enum(['on', 'off'])),
  SLUICE_POLL: optional(z.enum(['on', 'off'])),
  SLACK_BOT_TOKEN: optional(z.string()),
  SLACK_SIGNING_SECRET: optional(z.string()),
  SLACK_CHANNEL: optional(z.string()),
  SLACK_API_URL: optional(httpUrl),
  SLUICE_STORAGE: optional(z.string()),
  SLUICE_MASTER_KEY: optional(masterKey),
  SLUICE_MASTER_KEY_ALSO: optional(masterKey),
  SLUICE_ISOLATION: optional(z.enum(['required', 'auto', 'off'])),
  SLUICE_BUILDERS: optional(z.string().transform(parseBuilders)),
  SLUICE_CONCURRENCY: optional(z.coerce.number().int().min(1).max(1_000)),
  SLUICE_HISTORY: optional(z.string().transform(parseHistory)),
  SLUICE_REGISTRY: optional(httpUrl),
  SLUICE_REGISTRY_USER: optional(z.string()),
  SLUICE_REGISTRY_PASSWORD: optional(z.string()),
  SLUICE_IMAGE_BASE: optional(
    z.string().regex(imageName, 'must name an image, such as registry.example.com/base/node:24'),
  ),
  CRASH_AT: optional(
    z
      .string()
      .refine(isCrashSetting, `names none of ${crashPoints.join(', ')}; or one:2 for the second time`),
  ),
  LOG_LEVEL: optional(z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])),
})
type Settings = z.infer<typeof Settings>

/** @throws AppError `misconfigured`, its message one line a problem. */
export function readConfig(environment: NodeJS.ProcessEnv): Config {
  const parsed = Settings.safeParse(environment)
  const problems = parsed.success
    ? []
    : parsed.error.issues.map(issue => `${issue.path.join('.')}: ${issue.message}`)
  // What needs several settings at once is checked on what could be read, so that nobody fixes problems one by one.
  const settings = parsed.success ? parsed.data : (environment as Settings)
  const app = readApp(settings, problems)
  if (problems.length > 0)
    throw new AppError('misconfigured', `Settings:\n  ${problems.join('\n  ')}`, { problems })
  return freeze(settings, app)
}

function readApp(settings: Settings, problems: string[]): GithubApp | null {
  const named = [settings.APP_ID, settings.PRIVATE_KEY ?? settings.PRIVATE_KEY_PATH, settings.WEBHOOK_SECRET]
  if (named.every(value => value === undefined || value === '')) return null
  if (!settings.APP_ID) problems.push("APP_ID: missing; it is on the GitHub App's settings page")
  const secret = webhookSecret.safeParse(settings.WEBHOOK_SECRET ?? '')
  if (!secret.success) problems.push(`WEBHOOK_SECRET: ${secret.error.issues[0]?.message}`)
  const privateKey = readPrivateKey(settings, problems)
  if (!settings.APP_ID || !secret.success || privateKey === null) return null
  return {
    appId: settings.APP_ID,
    privateKey,
    webhookSecret: secret.data,
    clientId: settings.GITHUB_CLIENT_ID ?? null,
    clientSecret: settings.GITHUB_CLIENT_SECRET ?? null,
  }
}

function readPrivateKey(settings: Settings, problems: string[]): string | null {
  const key =
    settings.PRIVATE_KEY?.replaceAll('\\n', '\n') ?? readKeyFile(settings.PRIVATE_KEY_PATH, problems)
  if (key === null) return null
  if (key.includes('PRIVATE KEY-----')) return key
  problems.push('PRIVATE_KEY: is not a PEM key; paste the whole .pem file, or name it in PRIVATE_KEY_PATH')
  return null
}

function readKeyFile(file: string | undefined, problems: string[]): string | null {
  if (!file) {
    problems.push(
      'PRIVATE_KEY or PRIVATE_KEY_PATH: missing; download the key on the GitHub App settings page',
    )
    return null
  }
  try {
    return readFileSync(file, 'utf8')
  } catch {
    problems.push(`PRIVATE_KEY_PATH: cannot read ${file}`)
    return null
  }
}

/** GitHub's own, one with data residency (octo.ghe.com), or an Enterprise Server. */
function apiUrlOf(githubUrl: string): string {
  const { protocol, host } = new URL(githubUrl)
  const isHosted = host === 'github.com' || host.endsWith('.ghe.com')
  return isHosted ? `${protocol}//api.${host}` : `${githubUrl}/api/v3`
}

function freeze(settings: Settings, app: GithubApp | null): Config {
  const githubUrl = settings.GITHUB_URL ?? 'https://github.com'
  const dataDir = path.resolve(settings.SLUICE_DATA ?? '.sluice')
  return Object.freeze<Config>({
    databaseUrl: settings.DATABASE_URL ?? null,
    dataDir,
    host: settings.HOST ?? '127.0.0.1',
    port: settings.PORT ?? 3000,
    url: settings.SLUICE_URL ?? null,
    github: Object.freeze({
      url: githubUrl,
      apiUrl: settings.GITHUB_API_URL ?? apiUrlOf(githubUrl),
      throttle: settings.GITHUB_THROTTLE !== 'off',
      poll: settings.SLUICE_POLL === 'on',
      app,
    }),
    slack: settings.SLACK_BOT_TOKEN
      ? Object.freeze({
          token: settings.SLACK_BOT_TOKEN,
          signingSecret: settings.SLACK_SIGNING_SECRET ?? null,
          channel: settings.SLACK_CHANNEL ?? null,
          apiUrl: `${settings.SLACK_API_URL ?? 'https://slack.com/api'}/`,
        })
      : null,
    storage: settings.SLUICE_STORAGE ?? path.join(dataDir, 'artifacts'),
    masterKey: settings.SLUICE_MASTER_KEY ?? null,
    masterKeyAlso: settings.SLUICE_MASTER_KEY_ALSO ?? null,
    isolation: settings.SLUICE_ISOLATION ?? 'auto',
    concurrency: settings.SLUICE_CONCURRENCY ?? Math.max(4, availableParallelism() * 2),
    historySeconds: settings.SLUICE_HISTORY ?? 30 * 86_400,
    channel: 'stable',
    builders: Object.freeze(settings.SLUICE_BUILDERS ?? []),
    images: settings.SLUICE_REGISTRY
      ? Object.freeze({
          registry: settings.SLUICE_REGISTRY,
          credentials:
            settings.SLUICE_REGISTRY_USER === undefined
              ? null
              : {
                  user: settings.SLUICE_REGISTRY_USER,
                  password: settings.SLUICE_REGISTRY_PASSWORD ?? '',
                },
          base: settings.SLUICE_IMAGE_BASE ?? 'docker.io/library/node:24-slim',
        })
      : null,
    logLevel: settings.LOG_LEVEL ?? 'info',
  })
}
