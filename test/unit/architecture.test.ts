// What src/README.md says about the shape of the house, checked: folders import downwards only, nothing goes in circles, pure
// files touch no world, production code knows nothing of the sandbox, and no file outgrows its reader.
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'

const root = path.resolve(import.meta.dirname, '../..')
const maxLines = 400

/** From the ground up. A file may import from lower floors and from its own folder. */
const floors = [
  ['client'],
  ['config', 'crash-point', 'duration', 'errors', 'heap', 'is-running', 'log', 'service'],
  ['db', 'isolation', 'master-key'],
  ['sealed'],
  ['events', 'resealing', 'web'],
  ['environments'],
  ['functions'],
  ['builds', 'executions'],
  ['alerts'],
  ['artifacts', 'runner', 'commands', 'github', 'slack', 'api', 'console', 'vercel'],
  ['doctor', 'images'],
  ['command-line'],
  [
    'app',
    'doctor-command',
    'key-command',
    'master-key-command',
    'previews-command',
    'token-command',
    'variables-command',
  ],
  ['main'],
]
const neighbours = new Set([
  'github -> commands',
  'slack -> commands',
  'console -> commands',
  'console -> api',
])

/** Decisions, parsers, renderers, tables: data in, data out. */
const pure = [
  'alerts/decision.ts',
  'alerts/errors.ts',
  'alerts/fingerprint.ts',
  'builds/admission/admission.ts',
  'builds/admission/restricted.ts',
  'builds/archive/entries.ts',
  'builds/archive/git-modules.ts',
  'builds/archive/refusals.ts',
  'builds/bundle-index.ts',
  'builds/bundling/code-digest.ts',
  'builds/bundling/metadata-types.ts',
  'builds/bundling/own-place.ts',
  'builds/bundling/plain-javascript.ts',
  'builds/bundling/vite-aliases.ts',
  'builds/failure-codes.ts',
  'builds/scope/scope.ts',
  'builds/installing/install-command.ts',
  'builds/installing/install-settings.ts',
  'builds/installing/package-manager.ts',
  'builds/processes/over-limit.ts',
  'builds/prebundling/prebundled.ts',
  'builds/shipping/beside.ts',
  'builds/shipping/layout.ts',
  'builds/shipping/packages.ts',
  'builds/channel.ts',
  'builds/lfs.ts',
  'builds/mask.ts',
  'builds/previews/life.ts',
  'builds/overdue.ts',
  'builds/promotion.ts',
  'api/oidc/claims.ts',
  'api/oidc/rules.ts',
  'api/repository-tokens/choose.ts',
  'api/signing/signature.ts',
  'api/signing/validity.ts',
  'client/branch.ts',
  'client/duration.ts',
  'images/image.ts',
  'images/reference.ts',
  'vercel/link-plan.ts',
  'builds/states.ts',
  'builds/views/view.ts',
  'builds/views/view-words.ts',
  'commands/arguments.ts',
  'commands/inline.ts',
  'commands/markdown.ts',
  'commands/merged-only.ts',
  'commands/parse.ts',
  'commands/permissions.ts',
  'command-line/colours.ts',
  'command-line/commands.ts',
  'command-line/completion.ts',
  'command-line/exit-codes.ts',
  'command-line/help.ts',
  'command-line/parse.ts',
  'command-line/table.ts',
  'command-line/which-server.ts',
  'command-line/width.ts',
  'console/activity/sentence.ts',
  'console/executions/error.ts',
  'console/executions/filters.ts',
  'console/function/options.ts',
  'console/html/ansi.ts',
  'console/html/charts.ts',
  'console/html/html.ts',
  'console/html/markdown.ts',
  'console/html/parts.ts',
  'console/html/words.ts',
  'console/insights/insights.ts',
  'console/rollups/percentiles.ts',
  'console/rollups/summary.ts',
  'doctor/finding.ts',
  'duration.ts',
  'environments/dotenv.ts',
  'environments/match.ts',
  'environments/repository-file.ts',
  'environments/resolve.ts',
  'environments/variable-rules.ts',
  'events/types.ts',
  'functions/cron.ts',
  'functions/cron-calendar.ts',
  'functions/cron-clock.ts',
  'functions/cron-due.ts',
  'functions/cron-settings.ts',
  'functions/cron-times.ts',
  'functions/cron-zone.ts',
  'executions/attempts-list.ts',
  'executions/spans.ts',
  'executions/ahead.ts',
  'executions/ending.ts',
  'executions/outcome.ts',
  'executions/retry.ts',
  'executions/states.ts',
  'executions/warm-order.ts',
  'functions/diff.ts',
  'functions/holding.ts',
  'functions/manifest.ts',
  'functions/markdown.ts',
  'functions/release-decision.ts',
  'functions/rollback-target.ts',
  'functions/states.ts',
  'functions/suggest.ts',
  'github/reports/checks/buttons.ts',
  'github/missed/heads.ts',
  'github/missed/missed.ts',
  'github/reports/checks/render-check.ts',
  'github/reports/comments/render-comment.ts',
  'github/reports/comments/render-durations.ts',
  'builds/views/durations.ts',
  'github/reports/deployments/render-deployment.ts',
  'github/reports/comments/render-reply.ts',
  'github/reports/markdown.ts',
  'github/deliveries/verify.ts',
  'isolation/bubblewrap.ts',
  'isolation/isolation.ts',
  'isolation/limits.ts',
  'executions/log-parts.ts',
  'runner/capped-lines.ts',
  'runner/exit-kind.ts',
  'runner/fitness.ts',
  'runner/frames.ts',
  'runner/log-lines.ts',
  'runner/printable.ts',
  'runner/protocol.ts',
  'slack/mrkdwn.ts',
  'slack/render-build.ts',
  'slack/verify.ts',
]
const world =
  /^(node:(fs|net|http|https|child_process|worker_threads|dns|timers)|drizzle-orm|postgres|pg-boss|fastify|probot|@slack)/

interface Import {
  from: string
  to: string
  typeOnly: boolean
}

function sources(folder: string): string[] {
  return readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts') && !file.includes('node_modules'))
    .map(file => path.posix.join(folder, file.replaceAll(path.sep, '/')))
}

function importsOf(file: string): Import[] {
  const text = readFileSync(path.join(root, file), 'utf8')
  const statements = text.matchAll(/^(?:import|export)\s(type\s)?(?:([^'"]*?)\sfrom\s)?['"]([^'"]+)['"]/gms)
  return [...statements].map(([, type, names = '', to = '']) => {
    const allTypes =
      /^\{/.test(names.trim()) &&
      names
        .replace(/[{}]/g, '')
        .split(',')
        .filter(name => name.trim())
        .every(name => name.trim().startsWith('type '))
    const target = to.startsWith('.') ? path.posix.join(path.posix.dirname(file), to) : to
    return { from: file, to: target, typeOnly: Boolean(type) || allTypes }
  })
}

const part = (file: string): string => file.split('/')[1]?.replace(/\.ts$/, '') ?? ''
const floorOf = (file: string): number => floors.findIndex(floor => floor.includes(part(file)))

const files = sources('src')
const imports = files.flatMap(importsOf)
const values = imports.filter(one => !one.typeOnly)

describe('the shape of src/', () => {
  test('every folder and file of the top level has its floor', () => {
    expect(files.filter(file => floorOf(file) < 0)).toEqual([])
  })

  test('imports go down', () => {
    const wrong = values.filter(({ from, to }) => {
      if (!to.startsWith('src/') || part(from) === part(to) || floorOf(from) === floorOf('src/config.ts'))
        return false
      return floorOf(to) >= floorOf(from) && !neighbours.has(`${part(from)} -> ${part(to)}`)
    })
    expect(wrong.map(({ from, to }) => `${from} -> ${to}`)).toEqual([])
  })

  test('the client that applications install brings nothing of ours, and nothing of anybody', () => {
    const outside = imports.filter(({ from, to }) => part(from) === 'client' && !to.startsWith('src/client/'))
    expect(outside).toEqual([])
    const users = imports.filter(({ from, to }) => part(to) === 'client' && part(from) !== 'client')
    expect(users).toEqual([])
  })

  test('nothing goes in circles', () => {
    const next = Map.groupBy(values, one => one.from)
    const done = new Set<string>()
    const circles: string[] = []
    const walk = (file: string, way: string[]): void => {
      if (way.includes(file)) circles.push([...way.slice(way.indexOf(file)), file].join(' -> '))
      if (done.has(file) || way.includes(file)) return
      for (const { to } of next.get(file) ?? []) walk(to, [...way, file])
      done.add(file)
    }
    for (const file of files) walk(file, [])
    expect(circles).toEqual([])
  })

  test('pure files import nothing of the world', () => {
    expect(pure.filter(file => !files.includes(`src/${file}`))).toEqual([])
    const wrong = values.filter(
      ({ from, to }) =>
        pure.includes(from.slice(4)) && (world.test(to) || /(^|\/)(store|client)\.ts$/.test(to)),
    )
    expect(wrong.map(({ from, to }) => `${from} -> ${to}`)).toEqual([])
  })

  test('the sandbox is loaded by the commands that are it, and by nothing else', () => {
    const users = files.filter(file =>
      /['"][./]*\.\.\/sandbox\//.test(readFileSync(path.join(root, file), 'utf8')),
    )
    expect(users).toEqual(['src/main.ts'])
  })

  test('only config.ts reads settings: main.ts hands it the environment, builds/processes/machine.ts looks for npm and the network, crash-point.ts is for tests, the client runs elsewhere', () => {
    const reads = /process\.env|\benv\b[^\n]*from 'node:process'/
    const readers = files.filter(file => reads.test(readFileSync(path.join(root, file), 'utf8')))
    expect(readers.toSorted()).toEqual([
      'src/builds/processes/machine.ts',
      'src/client/settings.ts',
      'src/crash-point.ts',
      'src/main.ts',
    ])
  })

  test(`no file has more than ${maxLines} lines`, () => {
    const everywhere = [...files, ...sources('sandbox'), ...sources('test')]
    const long = everywhere.filter(
      file => readFileSync(path.join(root, file), 'utf8').split('\n').length > maxLines,
    )
    expect(long).toEqual([])
  })
})
