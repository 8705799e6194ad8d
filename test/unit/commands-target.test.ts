import { describe, expect, test } from 'vitest'
import { readArguments } from '../../src/commands/arguments.ts'
import { helpText } from '../../src/commands/help.ts'
import { parseComment, parseLine } from '../../src/commands/parse.ts'
import { commandNames, findCommand, registry } from '../../src/commands/registry.ts'
import { type Status, statusText } from '../../src/commands/status.ts'
import { resolveTarget } from '../../src/commands/target.ts'
import { defaultRepositoryFile } from '../../src/environments/repository-file.ts'

function command(name: string) {
  const found = findCommand(name)
  if (!found) throw new Error(`no command ${name}`)
  return found
}

/** What a line says to the command it names. */
function read(line: string) {
  const parsed = parseLine(line)
  if (!parsed) throw new Error(`not a command: ${line}`)
  const result = readArguments(parsed, command(parsed.name))
  return result.kind === 'read' ? result.arguments : result
}

const nothing = { names: [], value: null, text: null, confirm: null, sha: null, dryRun: false }

describe('the arguments of', () => {
  test.each([
    ['/pause', nothing],
    ['/pause production', { ...nothing, names: ['production'] }],
    ['/pause production mail', { ...nothing, names: ['production', 'mail'] }],
    ['/pause for 2h', { ...nothing, value: '2h' }],
    ['/pause mail FOR 2h "why not"', { ...nothing, names: ['mail'], value: '2h', text: 'why not' }],
    ['/pause "why not" mail', { ...nothing, names: ['mail'], text: 'why not' }],
    ['/pause "for"', { ...nothing, text: 'for' }],
    ['/pause mail --dry-run', { ...nothing, names: ['mail'], dryRun: true }],
    ['/rollback production to 12', { ...nothing, names: ['production'], value: '12' }],
    ['/rollback to abc1234', { ...nothing, value: 'abc1234' }],
    [
      '/delete production mail --confirm mail',
      { ...nothing, names: ['production', 'mail'], confirm: 'mail' },
    ],
    ['/status production', { ...nothing, names: ['production'] }],
  ])('%s', (line, expected) => {
    expect(read(line)).toEqual(expected)
  })

  test.each([
    ['/pause production mail because', 'unexpected_argument'],
    ['/pause "one" "two"', 'unexpected_argument'],
    ['/resume production "thanks"', 'unexpected_argument'],
    ['/help me', 'unexpected_argument'],
    ['/status production mail', 'unexpected_argument'],
    ['/pause for', 'missing_value'],
    ['/pause for 1h for 2h', 'missing_value'],
    ['/rollback production to', 'missing_value'],
    ['/delete mail --confirm', 'missing_value'],
    ['/pause --confirm mail', 'unknown_flag'],
    ['/status --dry-run', 'unknown_flag'],
    ['/delete mail --force', 'unknown_flag'],
    ['/delete mail --dry-run=no', 'unexpected_value'],
  ])('%s are refused, with the usage', (line, code) => {
    const refusal = read(line)
    expect(refusal).toMatchObject({ kind: 'refused', code })
    expect('message' in refusal && refusal.message).toContain('Usage: `/')
  })
})

describe('the target of', () => {
  const production = { name: 'production' }
  const preview = { name: 'pr-7' }
  const environments = [preview, production, { name: 'qa-1.2' }]
  const inPull = { environments, preview }
  const inIssue = { environments, preview: null }
  const target = (environment: { name: string } | null, functionName: string | null, implied: boolean) => ({
    kind: 'target',
    environment,
    functionName,
    implied,
  })

  test.each([
    ['nothing, in a pull request, is its preview', 'pause', [], inPull, target(preview, null, true)],
    ['an environment is that one', 'pause', ['production'], inPull, target(production, null, false)],
    [
      'an environment with dots and dashes too',
      'pause',
      ['qa-1.2', 'mail'],
      inIssue,
      target(environments[2] ?? null, 'mail', false),
    ],
    ['an environment in capitals too', 'pause', ['Production'], inIssue, target(production, null, false)],
    [
      'another name, in a pull request, is a function of its preview',
      'pause',
      ['mail'],
      inPull,
      target(preview, 'mail', true),
    ],
    [
      'both are a function of an environment',
      'archive',
      ['production', 'mail'],
      inIssue,
      target(production, 'mail', false),
    ],
    ['nothing, for status in an issue, is all', 'status', [], inIssue, target(null, null, true)],
    [
      'nothing, for status in a pull request, is its preview',
      'status',
      [],
      inPull,
      target(preview, null, true),
    ],
    ['nothing, for help, is nothing', 'help', [], inIssue, target(null, null, true)],
  ] as const)('%s', (_name, name, names, place, expected) => {
    expect(resolveTarget(names, place, command(name))).toEqual(expected)
  })

  test.each([
    ['nothing, in an issue, is refused', 'pause', [], inIssue, 'environment_required'],
    ['an unknown environment, in an issue', 'pause', ['produktion'], inIssue, 'no_such_environment'],
    ['an unknown environment with a function', 'pause', ['prod', 'mail'], inPull, 'no_such_environment'],
    ['an unknown environment where no function is taken', 'status', ['prod'], inPull, 'no_such_environment'],
    ['an environment where a function is needed', 'archive', ['production'], inIssue, 'function_required'],
    ['nothing where a function is needed', 'archive', [], inPull, 'function_required'],
  ] as const)('%s', (_name, name, names, place, code) => {
    expect(resolveTarget(names, place, command(name))).toMatchObject({ kind: 'refused', code })
  })

  test('a slip of the pen is told the nearest environment, and which there are', () => {
    const refusal = resolveTarget(['produktion'], inIssue, command('pause'))
    expect('message' in refusal && refusal.message).toContain('Did you mean `production`?')
    expect('message' in refusal && refusal.message).toContain('Open here: `pr-7`, `production`, `qa-1.2`.')
  })
})

test('the help lists every command with the role it needs here, and is itself no command', () => {
  const file = {
    ...defaultRepositoryFile,
    commands: { requirePrefix: false, roles: { pause: 'admin' as const }, teams: {} },
  }
  const help = helpText(registry, file)
  for (const { usage } of registry) expect(help).toContain(`\`${usage}\``)
  expect(help).toMatch(/`\/pause .*` \(admin\)/)
  expect(help).toMatch(/`\/delete .*` \(admin, on previews write\)/)
  expect(parseComment(help, { names: commandNames, requirePrefix: false }).commands).toEqual([])
})

describe('the status', () => {
  const status: Status = {
    environment: { name: 'production' },
    live: { number: 12, sha: 'abcdef0123', state: 'succeeded' },
    newest: { number: 12, sha: 'abcdef0123', state: 'succeeded' },
    functions: [{ id: 'f', name: 'mail', archivedAt: null }],
    overlays: [],
    deletions: [],
    waiting: 0,
  }

  test('of a quiet environment is one line', () => {
    expect(statusText(status)).toBe(
      '**production**: build 12 (`abcdef0`) is live, with 1 function; 0 executions wait.',
    )
  })

  test('before the first build says so', () => {
    expect(statusText({ ...status, live: null, newest: null, functions: [] })).toContain(
      'nothing is live yet',
    )
  })

  test('tells what holds what, by whom and why, and how to lift it', () => {
    const until = new Date('2026-11-22T10:00:00Z')
    const overlay = { actor: 'alice', reason: null, until: null }
    const told = statusText({
      ...status,
      newest: { number: 13, sha: '1234567890', state: 'failed' },
      functions: [...status.functions, { id: 'g', name: 'old', archivedAt: until }],
      overlays: [
        { ...overlay, kind: 'pin', functionId: null },
        { ...overlay, kind: 'pause', functionId: 'f', reason: 'a @all `b`', until },
      ],
      deletions: [{ name: 'mail', executeAt: until }],
      waiting: 3,
    })
    expect(told.split('\n')).toEqual([
      '**production**: build 12 (`abcdef0`) is live, with 1 function; 3 executions wait.',
      '- Newest build: 13 (`1234567`), failed.',
      '- The environment is pinned (pushes build but do not go live) by `alice`. To lift it: `/resume production`.',
      "- `mail` is paused by `alice` until 2026-11-22 10:00 UTC: `a @all 'b'`. To lift it: `/resume production mail`.",
      '- Archived: `old`.',
      '- To be deleted on 2026-11-22 10:00 UTC: `mail`.',
    ])
  })
})
