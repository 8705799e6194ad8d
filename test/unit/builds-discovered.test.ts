import { beforeAll, describe, expect, test, vi } from 'vitest'
import {
  firstFrame,
  judge,
  type Loaded,
  lineOfExport,
  readOptions,
} from '../../src/builds/discovery/discovered.ts'

const defaults = {
  cron: null,
  retry: { maxAttempts: 0, initialInterval: 30, randomizationFactor: 0.5, multiplier: 1.5, maxInterval: 600 },
  concurrency: null,
  maxDuration: null,
  maxConcurrencyAction: 'keep',
}

describe('options, as the real clients write them', () => {
  // With a token neither client prints a banner or starts a scheduler of its own.
  beforeAll(() => void vi.stubEnv('DEFER_TOKEN', 'test'))
  const clients = ['@defer/client', 'defer1'] as const

  test.each(clients)('%s: none', async client => {
    const { defer } = await load(client)
    expect(readOptions(sent(defer(work)))).toEqual(defaults)
  })

  test.each(clients)('%s: all', async client => {
    const { defer } = await load(client)
    const deferred = defer.cron(work, '*/5 * * * *', {
      retry: { maxAttempts: 4, initialInterval: 1, randomizationFactor: 0.1, multiplier: 2, maxInterval: 10 },
      concurrency: 1,
      maxDuration: 90,
      maxConcurrencyAction: 'cancel',
    })
    expect(readOptions(sent(deferred))).toEqual({
      cron: '*/5 * * * *',
      retry: { maxAttempts: 4, initialInterval: 1, randomizationFactor: 0.1, multiplier: 2, maxInterval: 10 },
      concurrency: 1,
      maxDuration: 90,
      maxConcurrencyAction: 'cancel',
    })
  })

  test.each(clients)('%s: retry: true means 13', async client => {
    const { defer } = await load(client)
    expect(readOptions(sent(defer(work, { retry: true })))).toMatchObject({ retry: { maxAttempts: 13 } })
  })

  test.each(clients)('%s: a grace is set afterwards, as docs/functions.md says', async client => {
    const { defer } = await load(client)
    const deferred = defer(work) as { __metadata: object } // as the clients' types have it
    Object.assign(deferred.__metadata, { grace: 7_200 })
    expect(readOptions(sent(deferred))).toEqual({ ...defaults, grace: 7_200 })
  })

  test.each([
    ['a grace of more than a day', { grace: 86_401 }, /^grace: /],
    ['a cron of six fields', { cron: '* * * * * *' }, /^cron: "\* \* \* \* \* \*" has 6 fields/],
    ['a cron that never fires', { cron: '0 0 30 2 *' }, /^cron: .*never fires/],
    ['a step wider than its field', { cron: '*/60 * * * *' }, /^cron: .*minute/],
    ['concurrency 0', { concurrency: 0 }, /^concurrency: /],
    ['concurrency as text', { concurrency: '5' }, /^concurrency: /],
    ['a duration below zero', { maxDuration: -1 }, /^maxDuration: /],
    ['an action we do not know', { maxConcurrencyAction: 'drop' }, /^maxConcurrencyAction: /],
    ['retries without end', { retry: { ...defaults.retry, maxAttempts: null } }, /^retry.maxAttempts: /],
    ['no object', 'fast', /^metadata: /],
  ])('%s is refused', (_, metadata, problem) => {
    expect(readOptions(metadata)).toMatch(problem)
  })
})

describe('options of a plain function', () => {
  const of = (config: unknown) => readOptions({ name: 'send', config })

  test.each<[string, unknown, object]>([
    ['none', {}, defaults],
    [
      'a schedule, which leaves out what overlaps',
      { cron: '0 6 * * *' },
      {
        ...defaults,
        cron: { schedule: '0 6 * * *', timezone: 'UTC', missed: 'one', overlap: 'skip' },
      },
    ],
    [
      'a schedule, spelled out',
      { cron: { schedule: '@daily', timezone: 'europe/berlin', missed: 'all', overlap: 'allow' } },
      {
        ...defaults,
        cron: { schedule: '@daily', timezone: 'Europe/Berlin', missed: 'all', overlap: 'allow' },
      },
    ],
    [
      'a schedule that queues, which is a concurrency of 1',
      { cron: { schedule: '* * * * *', overlap: 'queue' } },
      {
        ...defaults,
        cron: { schedule: '* * * * *', timezone: 'UTC', missed: 'one', overlap: 'queue' },
        concurrency: 1,
      },
    ],
    ['limits', { concurrency: 2, maxDuration: 60 }, { ...defaults, concurrency: 2, maxDuration: 60 }],
    ['a grace of two hours', { grace: 7_200 }, { ...defaults, grace: 7_200 }],
    ['retry: true', { retry: true }, { ...defaults, retry: { ...defaults.retry, maxAttempts: 13 } }],
    ['retry: false', { retry: false }, defaults],
    ['retry: 4', { retry: 4 }, { ...defaults, retry: { ...defaults.retry, maxAttempts: 4 } }],
    [
      'a policy, in part',
      { retry: { initialInterval: 1, multiplier: 2 } },
      { ...defaults, retry: { ...defaults.retry, maxAttempts: 13, initialInterval: 1, multiplier: 2 } },
    ],
  ])('%s', (_, config, options) => {
    expect(of(config)).toEqual(options)
  })

  test.each<[string, unknown, RegExp]>([
    [
      'an option there is none of',
      { concurency: 1 },
      /^config has no option concurency; there are cron, retry/,
    ],
    ['retry as text', { retry: 'often' }, /^retry: must be true, a number of retries, or an object/],
    ['a policy with a typing error', { retry: { maxAttempt: 1 } }, /^retry: must be true/],
    ['a cron that never fires', { cron: '0 0 30 2 *' }, /^cron: .*never fires/],
    [
      'a cron with an abbreviation for a zone',
      { cron: { schedule: '0 6 * * *', timezone: 'EST5EDT' } },
      /^cron.timezone: "EST5EDT" is not the name of a place.*"America\/New_York"/,
    ],
    [
      'a cron that queues beside a concurrency of 5',
      { cron: { schedule: '0 6 * * *', overlap: 'queue' }, concurrency: 5 },
      /^cron.overlap: "queue" runs one at a time/,
    ],
    [
      'a cron that queues and cancels',
      { cron: { schedule: '0 6 * * *', overlap: 'queue' }, maxConcurrencyAction: 'cancel' },
      /^cron.overlap: "queue" keeps what waits/,
    ],
    ['half a retry', { retry: 1.5 }, /^retry.maxAttempts: /],
    ['no object', 5, /^config: /],
  ])('%s is refused', (_, config, problem) => {
    expect(of(config)).toMatch(problem)
  })
})

async function work() {}

interface Client {
  defer: ((fn: unknown, options?: object) => unknown) & {
    cron(fn: unknown, schedule: string, options?: object): unknown
  }
}

async function load(client: '@defer/client' | 'defer1'): Promise<Client> {
  const loaded: unknown = client === 'defer1' ? await import('defer1') : await import('@defer/client')
  return loaded as Client
}

/** What arrives of a function's metadata over the channel, which speaks JSON. */
function sent(deferred: unknown): unknown {
  return JSON.parse(JSON.stringify((deferred as { __metadata: unknown }).__metadata))
}

describe('files are judged', () => {
  const file = (name: string, loaded: Loaded) => ({
    file: name,
    style: 'defer' as const,
    line: 3,
    loaded,
    thrownAt: null,
  })
  const fn = (name: string): Loaded => ({ kind: 'function', name, metadata: {} })

  test('good ones become functions', () => {
    expect(judge([file('defer/a.ts', fn('a'))])).toEqual({
      functions: [{ name: 'a', file: 'defer/a.ts', options: defaults }],
    })
  })

  test('all mistakes are told at once, each at its file', () => {
    const judged = judge([
      file('defer/a.ts', fn('')),
      file('defer/b.ts', { kind: 'missing' }),
      file('defer/c.ts', fn('send')),
      file('defer/d.ts', fn('send')),
      file('defer/e.ts', fn('fine')),
    ])
    expect(judged).toMatchObject({
      failure: {
        code: 'function_anonymous',
        annotations: ['a', 'b', 'c', 'd'].map(name => ({ path: `defer/${name}.ts`, startLine: 3 })),
      },
    })
  })

  test.each(['two words', 'line\nbreak', 'nul\0', '\u202eright to left', 'x'.repeat(201)])(
    '%j is no name',
    name => {
      expect(judge([file('defer/a.ts', fn(name))])).toMatchObject({
        failure: { code: 'function_name_invalid' },
      })
    },
  )

  test('a message can be stored whatever it quotes', () => {
    const judged = judge([file('defer/a.ts', { kind: 'threw', message: 'a\0b\ud800', stack: '' })])
    const text = JSON.stringify(judged)
    expect(text).not.toMatch(/\\u0000|\\ud800/)
    expect(text).toContain('ab')
  })

  test('three files of one name are one mistake that names them all', () => {
    const judged = judge(['a', 'b', 'c'].map(name => file(`defer/${name}.ts`, fn('send'))))
    expect(judged).toMatchObject({
      failure: {
        code: 'function_duplicate',
        message: expect.stringContaining('defer/a.ts and defer/b.ts and defer/c.ts'),
      },
    })
  })
})

describe('the line to point at', () => {
  test.each([
    ['import x from "y"\n\n\nexport default x\n', 4],
    ['const a = 1\nmodule.exports = a\n', 2],
    ['exports.default = 1\n', 1],
    ['export const a = 1\n', 1],
    ['', 1],
    ['// export default\n  export default a', 2],
  ])('%j', (text, line) => {
    expect(lineOfExport(text)).toBe(line)
  })
})

describe('the innermost frame in the repository', () => {
  const stack = (...frames: string[]) => ['Error: no', ...frames.map(frame => `    at ${frame}`)].join('\n')

  test.each([
    ['of a named function', stack('read (/w/bundles/0/lib/key.ts:4:9)'), { file: 'lib/key.ts', line: 4 }],
    ['of a module', stack('file:///w/bundles/0/defer/x.ts:1:1'), { file: 'defer/x.ts', line: 1 }],
    [
      'above a dependency',
      stack('new S (/w/bundles/0/node_modules/s/i.js:9:1)', '<anonymous> (/w/bundles/0/defer/x.ts:7:2)'),
      { file: 'defer/x.ts', line: 7 },
    ],
    ['none of Node itself', stack('node:internal/modules:1:1'), null],
    ['none of the bundle as it was made', stack('x (/w/bundles/0/bundle-0123456789ab.mjs:400:1)'), null],
  ])('%s', (_, text, frame) => {
    expect(firstFrame(text, '/w/bundles/0')).toEqual(frame)
  })
})
