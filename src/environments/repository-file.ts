// The optional .github/sluice.yml: its shape, its defaults, and parsing a stranger's text into it. Mistakes come back as
// problems with their line, all at once. The JSON Schema that editors use is generated from this shape (schema/).
import { isScalar, LineCounter, parseDocument, visit } from 'yaml'
import { z } from 'zod'
import { parseDuration } from '../duration.ts'

export const repositoryFilePath = '.github/sluice.yml'
export const maxRepositoryFileBytes = 64 * 1024
const maxNesting = 20

export const rolesInOrder = ['none', 'read', 'triage', 'write', 'maintain', 'admin'] as const
export type Role = (typeof rolesInOrder)[number]

const duration = z
  .string()
  .refine(text => parseDuration(text) !== null, { error: 'must be a duration such as 30s, 15m, 2h or 7d' })
const inSeconds = (text: string) => parseDuration(text) ?? 0
const role = z.enum(['read', 'triage', 'write', 'maintain', 'admin'])
const environmentName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9.-]{0,62}$/, 'must be lower-case letters, digits, dots and dashes, at most 63')
const folder = z
  .string()
  .max(500)
  .refine(path => !path.startsWith('/') && !path.split('/').includes('..') && !path.includes('\0'), {
    error: 'must be a folder inside the repository, such as apps/jobs',
  })
const branch = z
  .string()
  .min(1)
  .max(255)
  .describe('A branch, or a pattern in which * stands for any characters')

const slackChannel = z.string().min(1).max(100)

const buildSettings = {
  prebuild: z
    .string()
    .min(1)
    .max(1_000)
    .nullable()
    .describe('Runs after the install, e.g. npm run db:generate'),
  prebuild_network: z.boolean().describe('Whether the prebuild command may use the network'),
  install_scripts: z
    .union([z.boolean(), z.array(z.string().min(1).max(214)).max(100)])
    .describe('Dependencies whose install scripts are run: none (false), all (true), or those named'),
  builder: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,30}$/, 'must be the name of a builder, such as stable or canary')
    .describe('Which of the builders that the operator offers'),
}

const EnvironmentEntry = z.strictObject({
  branch,
  root: folder.default('.').describe('The folder of the project that holds the functions'),
  production: z
    .boolean()
    .optional()
    .describe('Protected by stricter roles; default: only the one named production'),
  crons: z.boolean().default(true),
  watch: z
    .array(folder)
    .max(50)
    .default([])
    .describe('Further folders whose changes ask for a build, such as what a prebuild command reads'),
  build: z
    .strictObject(buildSettings)
    .partial()
    .optional()
    .describe('What this environment has otherwise than "build" below'),
  slack: slackChannel.optional().describe('The Slack channel of this environment alone, e.g. #staging'),
})
const Previews = z
  .strictObject({
    enabled: z.boolean().default(true),
    root: folder.default('.'),
    crons: z.boolean().default(false),
    ttl: duration.default('7d').describe('After the last push'),
    limit: z.number().int().min(1).max(500).default(20),
    forks: z.enum(['approve', 'never']).default('approve'),
  })
  .transform(({ ttl, ...section }) => ({ ...section, ttlSeconds: inSeconds(ttl) }))
const Build = z.strictObject({
  prebuild: buildSettings.prebuild.default(null),
  prebuild_network: buildSettings.prebuild_network.default(false),
  install_scripts: buildSettings.install_scripts.default(false),
  builder: buildSettings.builder.default('stable'),
})

/** How an environment is built: what its own entry says, else what "build" says for all. */
export interface BuildSettings {
  prebuild: string | null
  prebuildNetwork: boolean
  installScripts: boolean | string[]
  builder: string
}

const Functions = z
  .strictObject({
    deletion_grace: duration.default('7d'),
    stale_after: duration.default('90d'),
  })
  .transform(section => ({
    deletionGraceSeconds: inSeconds(section.deletion_grace),
    staleAfterSeconds: inSeconds(section.stale_after),
  }))
const team = 'team:[A-Za-z0-9-]{1,39}/[a-z0-9_-]{1,100}'
const roleOrTeams = new RegExp(`^(read|triage|write|maintain|admin)( or ${team}){1,10}$`)
const noRule =
  'must be a role (read, triage, write, maintain, admin), with teams as in "maintain or team:acme/on-call"'
const whoMay = z.union([role, z.string().regex(roleOrTeams, noRule)], { error: noRule })
const commandNames = [
  'status',
  'logs',
  'deploy',
  'approve',
  'promote',
  'retry',
  'rollback',
  'pause',
  'drain',
  'resume',
  'archive',
  'restore',
  'delete',
  'cancel-deletion',
] as const
const Commands = z
  .strictObject({
    ...whoMayEach(),
    require_prefix: z.boolean().default(false),
  })
  .transform(({ require_prefix, ...given }) => {
    const rules = Object.entries(given).flatMap(([name, rule]) =>
      rule === undefined ? [] : [[name, rule] as const],
    )
    return {
      requirePrefix: require_prefix,
      roles: Object.fromEntries(rules.map(([name, rule]) => [name, roleIn(rule)])),
      teams: Object.fromEntries(rules.map(([name, rule]) => [name, teamsIn(rule)])),
    }
  })

function whoMayEach() {
  const each = Object.fromEntries(commandNames.map(name => [name, whoMay.optional()]))
  return each as Record<(typeof commandNames)[number], z.ZodOptional<typeof whoMay>>
}

function roleIn(rule: string): Role {
  return rolesInOrder.find(known => known === rule.split(' ')[0]) ?? 'admin'
}

/** owner/slug of each. */
function teamsIn(rule: string): string[] {
  return [...rule.matchAll(/ or team:(\S+)/g)].map(([, name = '']) => name.toLowerCase())
}
const longestWindow = 3_600
const Alerts = z
  .strictObject({
    enabled: z.boolean().default(true),
    failures: z
      .number()
      .int()
      .min(1)
      .max(10_000)
      .default(5)
      .describe('So many executions that failed for good make a function failing'),
    window: duration
      .default('5m')
      .refine(text => inSeconds(text) >= 60 && inSeconds(text) <= longestWindow, {
        error: 'must be between 1m and 1h',
      })
      .describe('Within this time'),
    issue: z
      .boolean()
      .default(false)
      .describe('Open an issue on the repository when production fails, and close it on recovery'),
  })
  .transform(({ window, ...section }) => ({ ...section, windowSeconds: inSeconds(window) }))
const Notifications = z.strictObject({
  slack: slackChannel.nullable().default(null).describe('The Slack channel, e.g. #deploys'),
  comments: z.enum(['on', 'off', 'failures']).default('on'),
  alerts: Alerts.prefault({}).describe('When functions fail'),
})

export const RepositoryFile = z.strictObject({
  environments: z.record(environmentName, EnvironmentEntry).optional(),
  previews: Previews.prefault({}),
  build: Build.prefault({}),
  functions: Functions.prefault({}),
  commands: Commands.prefault({}),
  notifications: Notifications.prefault({}),
})
/** As it stands in the database: what was written in the file, defaults filled in, durations in seconds. */
export type RepositoryFile = z.output<typeof RepositoryFile>

export const defaultRepositoryFile: RepositoryFile = RepositoryFile.parse({})

type BuildSection = RepositoryFile['build']

/** Of one environment of the file; of previews and of the default one without an entry. */
export function buildSettingsOf(
  file: RepositoryFile,
  own: { [Key in keyof BuildSection]?: BuildSection[Key] | undefined } = {},
): BuildSettings {
  // Files stored by an earlier version know fewer settings.
  const section = { ...defaultRepositoryFile.build, ...file.build }
  return {
    prebuild: own.prebuild === undefined ? section.prebuild : own.prebuild,
    prebuildNetwork: own.prebuild_network ?? section.prebuild_network,
    installScripts: own.install_scripts ?? section.install_scripts,
    builder: own.builder ?? section.builder,
  }
}

export interface Problem {
  line: number
  column: number
  message: string
}

export type Parsed = { file: RepositoryFile } | { problems: Problem[] }

export function parseRepositoryFile(text: string): Parsed {
  const unfit = unfitToParse(text)
  if (unfit) return { problems: [{ line: 1, column: 1, message: unfit }] }
  const lines = new LineCounter()
  const document = parseDocument(text, {
    lineCounter: lines,
    version: '1.2',
    schema: 'core',
    uniqueKeys: true,
  })
  const position = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }
  if (document.errors.length > 0) {
    return {
      problems: document.errors.map(error => ({
        ...position(error.pos[0]),
        message: firstLine(error.message),
      })),
    }
  }
  const alias = firstAlias(document)
  if (alias !== null) {
    return {
      problems: [{ ...position(alias), message: 'aliases (*) are not supported; write the value out' }],
    }
  }
  const parsed = RepositoryFile.safeParse(document.toJS({ maxAliasCount: 0 }) ?? {})
  if (parsed.success) return { file: parsed.data }
  const offsetOf = (path: PropertyKey[]) => nearestOffset(document, path)
  return {
    problems: parsed.error.issues.flatMap(issue =>
      problemsOf(issue).map(({ path, message }) => ({ ...position(offsetOf(path)), message })),
    ),
  }
}

/** What could harm the parser itself is refused before it: size, NUL, nesting (RELIABILITY.md finding 7, B56–B64). */
function unfitToParse(text: string): string | null {
  if (Buffer.byteLength(text) > maxRepositoryFileBytes)
    return `the file is larger than ${maxRepositoryFileBytes} bytes`
  if (text.includes('\0')) return 'the file holds a NUL character; save it as UTF-8 text'
  let depth = 0
  for (const character of text) {
    if (character === '[' || character === '{') depth++
    else if (character === ']' || character === '}') depth = Math.max(0, depth - 1)
    if (depth > maxNesting) return `the file nests brackets more than ${maxNesting} deep`
  }
  return null
}

function firstAlias(document: ReturnType<typeof parseDocument>): number | null {
  let found: number | null = null
  visit(document, {
    Alias(_key, node) {
      found = node.range?.[0] ?? 0
      return visit.BREAK
    },
  })
  return found
}

function problemsOf(issue: z.core.$ZodIssue): { path: PropertyKey[]; message: string }[] {
  const where = issue.path.join('.')
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map(key => ({
      path: [...issue.path, key],
      message: `${where ? `${where}.` : ''}${key}: there is no such setting`,
    }))
  }
  return [{ path: issue.path, message: `${where}: ${issue.message}` }]
}

function nearestOffset(document: ReturnType<typeof parseDocument>, path: PropertyKey[]): number {
  for (let length = path.length; length > 0; length--) {
    const parent = document.getIn(path.slice(0, length - 1), true)
    const key = path[length - 1]
    const items =
      parent && typeof parent === 'object' && 'items' in parent && Array.isArray(parent.items)
        ? parent.items
        : []
    for (const item of items) {
      if (item && typeof item === 'object' && 'key' in item && isScalar(item.key) && item.key.value === key) {
        return item.key.range?.[0] ?? 0
      }
    }
  }
  return 0
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? text
}
