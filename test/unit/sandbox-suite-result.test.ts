// What a suite's runs add up to, and which fault a call meets.
import { expect, test } from 'vitest'
import { noFaults, takeFault } from '../../sandbox/github/faults.ts'
import type { CheckRun, CheckSuite } from '../../sandbox/github/state.ts'
import { suiteResult } from '../../sandbox/github/suite-result.ts'

const suite: CheckSuite = {
  id: 1,
  app: 1,
  headSha: 'a',
  headBranch: null,
  before: null,
  after: null,
  resetAt: 0,
  createdAt: '',
  updatedAt: '',
}

function run(id: number, name: string, conclusion: string | null): CheckRun {
  const status = conclusion ? 'completed' : 'in_progress'
  const shown = { title: null, summary: null, text: null, annotations: [], actions: [] }
  const times = { startedAt: '', completedAt: null }
  return {
    id,
    suite: 1,
    app: 1,
    name,
    headSha: 'a',
    status,
    conclusion,
    externalId: '',
    detailsUrl: '',
    ...times,
    ...shown,
  }
}

test.each([
  ['nothing yet', [], 'queued', null],
  ['one still going', [run(2, 'a', 'success'), run(3, 'b', null)], 'in_progress', null],
  ['all green', [run(2, 'a', 'success'), run(3, 'b', 'skipped')], 'completed', 'success'],
  ['one red', [run(2, 'a', 'success'), run(3, 'b', 'failure')], 'completed', 'failure'],
  [
    'the newest run of a name counts',
    [run(2, 'a', 'failure'), run(3, 'a', 'success')],
    'completed',
    'success',
  ],
  ['only skipped ones, a word suites do not know', [run(2, 'a', 'skipped')], 'completed', 'neutral'],
] as const)('%s', (_, checkRuns, status, conclusion) => {
  expect(suiteResult({ checkRuns: [...checkRuns] }, suite)).toEqual({ status, conclusion })
})

test('a suite asked to run again forgets the runs it had', () => {
  const checkRuns = [run(2, 'a', 'failure')]
  expect(suiteResult({ checkRuns }, { ...suite, resetAt: 2 })).toEqual({ status: 'queued', conclusion: null })
})

test('a fault meets the calls it names, as often as it says', () => {
  const faults = noFaults()
  faults.rest.push({ method: 'POST', pathPattern: /\/check-runs$/, status: 502, times: 2 })
  const path = '/repos/acme/site/check-runs'
  expect(takeFault(faults, 'GET', path)).toBeNull()
  expect([1, 2, 3].map(() => takeFault(faults, 'POST', path)?.status)).toEqual([502, 502, undefined])
})
