// What reports say of a build in each of its states, as tables: check, deployment, comment, and the answer to a command.
import { describe, expect, test } from 'vitest'
import { headline } from '../../src/builds/views/view.ts'
import { defaultRepositoryFile } from '../../src/environments/repository-file.ts'
import { renderCheck } from '../../src/github/reports/checks/render-check.ts'
import { renderConfigCheck } from '../../src/github/reports/checks/render-config-check.ts'
import { renderComment } from '../../src/github/reports/comments/render-comment.ts'
import { reactionTo, renderReply } from '../../src/github/reports/comments/render-reply.ts'
import { renderDeployment } from '../../src/github/reports/deployments/render-deployment.ts'
import { githubTargets } from '../../src/github/reports/targets.ts'
import { aPull, aView, changes, failure, live, states } from '../support/build-view.ts'

describe('the check and the deployment of a build that is', () => {
  test.each([
    [states.queued, 'queued', null, 'queued', 'Queued'],
    [states.installing, 'in_progress', null, 'in_progress', 'Installing dependencies'],
    [states.live, 'completed', 'success', 'success', 'Live in production: 1 added, 1 archived'],
    [states.pinned, 'completed', 'success', 'inactive', 'Built, not live: production is pinned to 1111111'],
    [
      states.older,
      'completed',
      'success',
      'inactive',
      'Built, not live: the newer 2222222 is live in production',
    ],
    [states.replaced, 'completed', 'success', 'inactive', 'Was live; 2222222 is live in production now'],
    [states.closedAfterLive, 'completed', 'success', 'inactive', 'Was live; production is closed'],
    [states.closedBeforeLive, 'completed', 'skipped', 'inactive', 'Not deployed: production is closed'],
    [states.failed, 'completed', 'failure', 'failure', 'defer/greet.ts:3: unexpected "}"'],
    [states.cancelled, 'completed', 'cancelled', 'inactive', 'Cancelled'],
    [states.superseded, 'completed', 'neutral', 'inactive', 'Superseded by 2222222'],
    [states.unchanged, 'completed', 'skipped', 'inactive', 'Unchanged, still build 1'],
    [
      { ...states.unchanged, environment: { ...states.unchanged.environment, closed: true } },
      'completed',
      'skipped',
      'inactive',
      'Was live; production is closed',
    ],
  ])('%#', (view, status, conclusion, deployment, title) => {
    const check = renderCheck(view)
    expect(check).toMatchObject({ name: 'Sluice / production', status, conclusion, title })
    expect(renderDeployment(view)).toEqual({ state: deployment, description: title })
    expect(headline(view)).toBe(title)
  })
})

describe('the summary of a check', () => {
  test('tells what became of each function and what waits because of it', () => {
    const held = [{ name: 'old', count: 12 }]
    const { summary } = renderCheck(
      aView({ ...live(changes({ added: ['greet'], archived: ['old'] })), held }),
    )
    expect(summary).toContain('| `greet` | added |  |')
    expect(summary).toContain('| `old` | archived | 12 |')
  })

  test('names who paused what, why, until when, and how it goes on', () => {
    const until = new Date('2026-03-04T05:06:00Z')
    const pause = {
      kind: 'pause' as const,
      functionName: 'greet',
      reason: 'too *many* mails',
      actor: 'max',
      until,
    }
    const { summary } = renderCheck(aView({ ...live(), overlays: [pause] }))
    expect(summary).toContain('Function `greet` of `production` is paused: executions are held**, by `max`')
    expect(summary).toContain(
      '(too \\*many\\* mails). Until 2026-03-04 05:06 UTC. To go on: `/resume production greet`.',
    )
  })

  test('shows why a build failed in a fence of its own, with the stable code', () => {
    expect(renderCheck(states.failed).summary).toContain(
      '```\ndefer/greet.ts:3: unexpected "}"\n```\n\nReason: `compile_failed`',
    )
  })

  test('M28: is cut within its limit with 10,000 functions', () => {
    const names = Array.from({ length: 10_000 }, (_, n) => `function-${n}-${'x'.repeat(200)}`)
    const { summary } = renderCheck(aView(live(changes({ added: names }))))
    expect(Buffer.byteLength(summary)).toBeLessThanOrEqual(65_535)
    expect(summary).toContain('… and 9900 more.')
  })
})

const start = new Date('2026-01-01T00:00:00Z')
const msIn = (ms: number) => new Date(start.getTime() + ms)
const logged = (line: string, ms = 0) => ({ stage: 'installing' as const, at: msIn(ms), line })

test('a check and a comment say why a build failed, in which stage, where, and what to do', () => {
  const where = { path: 'defer/*.ts', startLine: 3, endLine: 3, level: 'failure' as const, message: 'x' }
  const view = aView({
    state: 'failed',
    failure: { ...failure, stage: 'compiling', annotations: [where] },
  })
  const said =
    'Reason: `compile_failed`, in stage `compile`, at `defer/*.ts:3`. Correct the lines that are named.'
  expect(renderCheck(view).summary).toContain(said)
  expect(renderComment(aPull([view]), true)).toContain(said)
})

describe('how a build went', () => {
  const stages = [
    { stage: 'fetching' as const, at: msIn(0) },
    { stage: 'installing' as const, at: msIn(240) },
    { stage: 'compiling' as const, at: msIn(4_300) },
    { stage: 'publishing' as const, at: msIn(16_300) },
  ]
  const timed = { ...live(), stages, finishedAt: msIn(100_000) }

  test('is a line with the time of each stage', () => {
    const { summary } = renderCheck(aView({ ...timed, installCached: true }))
    expect(summary).toContain(
      '<sub>fetch 0.2 s · install 4.1 s \\(cached\\) · compile 12 s · publish 1 min 24 s</sub>',
    )
    expect(renderCheck(aView(timed)).summary).toContain('install 4.1 s · compile')
  })

  test('is not said while it goes on', () => {
    expect(renderCheck(aView({ state: 'compiling', stages })).summary).not.toContain('<sub>')
  })

  test('names the builder where it is not the ordinary one', () => {
    const by = (channel: string) =>
      renderCheck(aView({ ...timed, builder: { channel, version: '0.2.0-rc.1' } })).summary
    expect(by('canary')).toContain('· builder canary 0.2.0-rc.1</sub>')
    expect(by('stable')).not.toContain('builder')
  })
})

describe('a commit that changes nothing', () => {
  test('M22: has a check that says what was compared, and how to build it all the same', () => {
    expect(renderCheck(states.unchanged)).toMatchObject({
      text: null,
      summary:
        'Build 4: `aaaaaaa` of `main` for `production`.\n\nNothing in apps/jobs, packages/mail or its configuration changed since 1111111. To build it all the same, re-run this check.',
    })
  })

  test('leaves the comment its functions, and makes none', () => {
    const comment = renderComment(aPull([states.unchanged]), true)
    expect(comment).toContain(
      '| Unchanged, still build 1. Nothing in apps/jobs, packages/mail or its configuration changed since 1111111 |',
    )
    expect(comment).toContain('| `greet` | added |')
    expect(renderComment(aPull([states.unchanged]), false)).toBeNull()
  })

  test('is no deployment', () => {
    const happened = { type: 'build.unchanged' as const, repositoryId: 7, buildId: 'b', pullNumber: 5 }
    expect(githubTargets(happened).map(({ kind }) => kind)).toEqual(['check', 'comment'])
  })
})

describe('the log in a check', () => {
  test('M28: is its end, in a fence nothing closes early, within the limit', () => {
    const log = Array.from({ length: 200 }, (_, n) => logged(`line ${n} ${'ü'.repeat(1_000)} \`\`\``))
    const { text } = renderCheck(aView({ state: 'failed', failure, log }))
    expect(Buffer.byteLength(text ?? '')).toBeLessThanOrEqual(65_535)
    expect(text).toContain('line 199')
    expect(text).not.toContain('line 0 ')
    expect(text?.trimEnd().endsWith('````')).toBe(true)
  })

  test('is without terminal colours', () => {
    const log = [logged('\u001b[31mError\u001b[0m')]
    expect(renderCheck(aView({ state: 'failed', failure, log })).text).toContain('  Error\n')
  })

  test('says of each line in which stage it was written, and how long after the beginning', () => {
    const log = [logged('added 1 package', 4_100), logged('much later', 125_000)]
    expect(renderCheck(aView({ state: 'failed', failure, log })).text).toContain(
      '\ninstall    4.1 s  added 1 package\ninstall  2 min 5 s  much later\n',
    )
  })
})

test('annotations are as GitHub takes them: lines from 1, the end not before the start, never an empty message', () => {
  const odd = { path: 'a.ts', startLine: 0, endLine: -3, level: 'failure' as const, message: '\u0000' }
  const { annotations } = renderCheck(aView({ state: 'failed', failure: { ...failure, annotations: [odd] } }))
  expect(annotations).toEqual([
    {
      path: 'a.ts',
      start_line: 1,
      end_line: 1,
      annotation_level: 'failure',
      message: 'The build failed here.',
    },
  ])
})

describe('the comment of a pull request', () => {
  const preview = { name: 'pr-5', preview: true, production: false, pullNumber: 5 }
  const found = { functions: ['greet'] }

  test.each([
    ['nothing before the first build has ended', { state: 'compiling' as const }, false, null],
    ['a word on what is being built, once it is there', { state: 'compiling' as const }, true, 'Building'],
    ['what is live', { ...live(), ...found }, false, 'Live in pr-5'],
    ['a failure', { state: 'failed' as const, failure }, false, 'The build failed'],
    ['nothing of a superseded build', { state: 'superseded' as const }, true, null],
    ['nothing where nothing is deployed', { ...live(changes({})), functions: [] }, false, null],
    [
      'where the last function went',
      { ...live(changes({ archived: ['greet'] })), functions: [] },
      false,
      'archived',
    ],
  ])('says %s', (_name, said, exists, words) => {
    const body = renderComment(aPull([aView({ ...said, environment: preview })]), exists)
    if (words === null) expect(body).toBeNull()
    else expect(body).toContain(words)
  })

  test('M36: is one for all environments of the request, each with its state, commit and log', () => {
    const failing = aView({ state: 'failed', failure, environment: { name: 'staging' } })
    const building = aView({ state: 'compiling', environment: { name: 'qa' } })
    const views = [aView({ ...live(), ...found, environment: preview }), failing, building]
    const environments = views.map((view, index) => ({ view, checkUrl: `https://github.test/runs/${index}` }))
    const body = renderComment(aPull([], { environments }), false) ?? ''
    const link = (index: number) => `[check and log](https://github.test/runs/${index})`
    for (const row of [
      `| \`pr-5\` | Live in pr-5: 1 added, 1 archived | \`aaaaaaa\` | ${link(0)} |`,
      `| \`staging\` | The build failed; what was live stays live | \`aaaaaaa\` | ${link(1)} |`,
      `| \`qa\` | Building | \`aaaaaaa\` | ${link(2)} |`,
    ])
      expect(body).toContain(row)
    expect(body.indexOf('#### `staging`')).toBeLessThan(body.indexOf('unexpected'))
    expect(body).not.toContain('#### `qa`')
  })

  test('M40: a failure of any environment is worth one where only failures are, nothing else is', () => {
    const file = {
      ...defaultRepositoryFile,
      notifications: { ...defaultRepositoryFile.notifications, comments: 'failures' as const },
    }
    const repository = { ...aView().repository, file }
    const good = aView({ ...live(), ...found, repository, environment: preview })
    const bad = aView({ state: 'failed', failure, repository, environment: { name: 'staging' } })
    expect(renderComment(aPull([good]), false)).toBeNull()
    expect(renderComment(aPull([good, bad]), false)).toContain('staging')
  })

  test('compares how long changed functions take, with how many runs that was seen', () => {
    const own = { runs: 3, meanMs: 4.24, p95Ms: 912.4 }
    const durations = {
      base: 'production',
      functions: [
        { name: 'greet', own, base: { runs: 20_000, meanMs: 1_250, p95Ms: 125_000 } },
        { name: 'new|er', own, base: null },
      ],
    }
    const view = aView({ ...live(), ...found, environment: preview })
    const body = renderComment(aPull([view], { durations }), true)
    expect(body).toContain(
      '| Changed function | Runs here | Mean | p95 | Runs in `production` | Mean | p95 |',
    )
    expect(body).toContain('| `greet` | 3 | 4.2 ms | 912 ms | 20000 | 1.3 s | 2 min 5 s |')
    expect(body).toContain('| `new\\|er` | 3 | 4.2 ms | 912 ms | 0 |  |  |')
  })

  test('holds no line that reads as a command of ours', () => {
    const body = renderComment(aPull([aView({ ...live(), ...found, environment: preview })]), false)
    expect(body).not.toMatch(/^\s{0,3}\//m)
  })
})

describe('the check of the configuration', () => {
  test('is red with the line of each problem, and says what stays in force', () => {
    const problems = [{ line: 7, column: 3, message: 'previews.tll: there is no such setting' }]
    const check = renderConfigCheck(problems, true)
    expect(check).toMatchObject({ conclusion: 'failure', title: '.github/sluice.yml: 1 problem' })
    expect(check.summary).toContain('The last good configuration stays in force')
    expect(check.annotations).toMatchObject([{ path: '.github/sluice.yml', start_line: 7, end_line: 7 }])
    expect(renderConfigCheck(problems, false).summary).toContain('The defaults stay in force')
  })

  test('is green without problems', () => {
    expect(renderConfigCheck([], true)).toMatchObject({ conclusion: 'success', annotations: [] })
  })
})

describe('the answer to a command', () => {
  const command = {
    id: 'c1',
    line: '/rollback `x` @all',
    actor: 'max',
    reasonCode: 'rolled_back',
    reply: 'Done.',
  }

  test('carries the command and its stable code, hidden, and quotes what was asked as code', () => {
    const body = renderReply(command)
    expect(body.startsWith('<!-- sluice:reply c1 rolled_back -->\n')).toBe(true)
    expect(body).toContain('> ``/rollback `x` @all`` by `max`')
  })

  test('a code cannot end the marker', () => {
    expect(renderReply({ ...command, reasonCode: 'x --> /delete' })).toMatch(
      /^<!-- sluice:reply c1 x--delete -->/,
    )
  })

  test.each([
    [['received'], null],
    [['done', 'received'], null],
    [['done'], 'rocket'],
    [['noop'], '+1'],
    [['noop', 'done'], 'rocket'],
    [['done', 'refused'], 'confused'],
    [['refused', 'failed', 'done'], '-1'],
  ] as const)('to %j the reaction is %s', (all, reaction) => {
    expect(reactionTo(all)).toBe(reaction)
  })
})

describe('an event touches', () => {
  const base = { repositoryId: 7, actor: 'max' }
  test.each([
    ['its build', { ...base, type: 'build.queued' as const, buildId: 'b' }, ['check b', 'deployment b']],
    [
      'and the comment of its pull request',
      { ...base, type: 'release.activated' as const, buildId: 'b', pullNumber: 5 },
      ['check b', 'deployment b', 'comment 7#5'],
    ],
    [
      'and the comments of pull requests from its branch, but not with each stage',
      { ...base, type: 'build.failed' as const, buildId: 'b', environmentId: 'e' },
      ['check b', 'deployment b', 'branch-comments e'],
    ],
    [
      'and nothing more while it goes on',
      { ...base, type: 'build.progressed' as const, buildId: 'b', environmentId: 'e' },
      ['check b', 'deployment b'],
    ],
    [
      'M23: the checks of a merge group',
      { ...base, type: 'merge_group.requested' as const, data: { sha: 'abc', ref: 'refs/heads/x' } },
      ['merge-check 7@abc@refs/heads/x'],
    ],
    ['nothing without a build', { ...base, type: 'function.paused' as const, environmentId: 'e' }, []],
    [
      'all deployments of an environment that closes',
      { ...base, type: 'environment.closed' as const, environmentId: 'e', buildId: null },
      ['environment-deployments e'],
    ],
    [
      'the check of the configuration',
      { ...base, type: 'config.rejected' as const, data: { sha: 'abc' } },
      ['config-check 7@abc'],
    ],
    [
      'the answer to a command',
      { ...base, type: 'command.finished' as const, data: { commandId: 'c' } },
      ['reply c'],
    ],
  ])('%s', (_name, event, targets) => {
    expect(githubTargets(event).map(({ kind, subject }) => `${kind} ${subject}`)).toEqual(targets)
  })
})
