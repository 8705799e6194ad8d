// The table that `npm run examples` prints: what it says of a build, from what Sluice recorded.
import { describe, expect, test } from 'vitest'
import type { Outcome } from '../../sandbox/examples/outcome.ts'
import { type Mark, stageSeconds } from '../../sandbox/examples/stage-times.ts'
import { renderFailures, renderTable } from '../../sandbox/examples/table.ts'

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second))
const mark = (stage: string, second: number): Mark => ({ stage, at: at(second) })

const outcome = (with_: Partial<Outcome>): Outcome => ({
  environment: { id: '1', name: 'koa' },
  state: 'succeeded',
  finished: true,
  startedAt: at(0),
  finishedAt: at(9),
  marks: [mark('fetching', 0), mark('installing', 1), mark('compiling', 5), mark('publishing', 8)],
  installCached: false,
  functions: [{ name: 'sendWelcome', file: 'koa/defer/send-welcome.js' }],
  failure: null,
  ...with_,
})

describe('seconds of each stage', () => {
  const { marks } = outcome({})
  test('a stage lasts until the next one, the last until the end', () => {
    expect(stageSeconds(marks, at(9))).toEqual({ fetching: 1, installing: 4, compiling: 3, publishing: 1 })
  })
  test('the stage a build is in has no time yet', () => {
    expect(stageSeconds(marks, null)).toEqual({ fetching: 1, installing: 4, compiling: 3 })
  })
})

describe('the table', () => {
  test('a line for each environment, under its heading', () => {
    const rows = [
      { outcome: outcome({}), lockfile: 'yarn.lock (classic)' },
      {
        outcome: outcome({ installCached: true, environment: { id: '2', name: 'hono' } }),
        lockfile: 'bun.lock',
      },
    ]
    expect(renderTable(rows).split('\n')).toEqual([
      'environment  lockfile             state      fetch     install  generate  compile  publish  functions',
      'koa          yarn.lock (classic)  succeeded    1.0         4.0                3.0      1.0  sendWelcome',
      'hono         bun.lock             succeeded    1.0  4.0 cached                3.0      1.0  sendWelcome',
    ])
  })
  test('failures with their code and the whole message', () => {
    const failure = { code: 'install_failed', message: 'npm ci ended with code 1:\nno space' }
    expect(renderFailures([outcome({}), outcome({ state: 'failed', failure })])).toBe(
      '\nkoa: install_failed\n    npm ci ended with code 1:\n    no space',
    )
  })
})
