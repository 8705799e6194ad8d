// When a build under way is given up, as a table.
import { expect, test } from 'vitest'
import { overdue } from '../../src/builds/overdue.ts'
import { renderCheck } from '../../src/github/reports/checks/render-check.ts'
import { aView } from '../support/build-view.ts'

const fresh = { id: 'b', ageSeconds: 0, workedSeconds: null, hasJob: true, queueMoves: false }
const minutes = (n: number) => n * 60

test.each([
  ['that was admitted a moment ago', fresh, null],
  ['whose job is about to be seen', { ...fresh, hasJob: false, ageSeconds: 30 }, null],
  ['whose job is gone', { ...fresh, hasJob: false, ageSeconds: 61 }, 'builder_absent'],
  ['nobody took up', { ...fresh, ageSeconds: minutes(31) }, 'builder_absent'],
  ['that waits for its turn', { ...fresh, ageSeconds: minutes(31), queueMoves: true }, null],
  ['that waited a day', { ...fresh, ageSeconds: minutes(1_441), queueMoves: true }, 'builder_absent'],
  ['at work for 29 minutes', { ...fresh, ageSeconds: minutes(90), workedSeconds: minutes(29) }, null],
  [
    'at work for longer than its builder would let it',
    { ...fresh, ageSeconds: minutes(90), workedSeconds: minutes(32), queueMoves: true },
    'out_of_time',
  ],
  [
    'whose builder died, with its job',
    { ...fresh, ageSeconds: minutes(9), workedSeconds: minutes(8), hasJob: false },
    'builder_absent',
  ],
])('M30: a build %s', (_name, build, code) => {
  const failure = overdue(build)
  expect(failure?.code ?? null).toBe(code)
  if (!failure) return
  const check = renderCheck(aView({ state: 'failed', failure }))
  expect(check).toMatchObject({ status: 'completed', conclusion: 'timed_out' })
  expect(check.summary).toContain('Re-run its check')
})
