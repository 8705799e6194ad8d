// What the end of an attempt makes of an execution, how long a retry waits, and which state may follow which.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { executionStates } from '../../src/db/schema/columns.ts'
import { afterLoss, becomes, type Exit } from '../../src/executions/outcome.ts'
import { retryDelaySeconds } from '../../src/executions/retry.ts'
import {
  cancellationOf,
  finished,
  isFinished,
  mayBecome,
  type State,
  transitions,
} from '../../src/executions/states.ts'

const never = {
  maxAttempts: 0,
  initialInterval: 30,
  randomizationFactor: 0,
  multiplier: 1.5,
  maxInterval: 600,
}
const thrice = { ...never, maxAttempts: 3 }
const threw: Exit = { kind: 'threw', error: { name: 'TypeError', message: 'no' } }
const exited = { kind: 'exited', code: 1, signal: null, stderr: '' } as const

describe('the end of an attempt', () => {
  test('a result succeeds', () => {
    const exit = { kind: 'returned', result: '1' } as const
    expect(becomes(exit, null, { policy: never, retries: 0 }, 0.5)).toEqual({ to: 'succeeded', result: '1' })
  })

  test.each<[string, Exit, string, string]>([
    ['what was thrown', threw, 'ER0000', 'TypeError'],
    ['the time limit', { kind: 'timed_out', maxDurationMs: 1_500 }, 'ER0001', 'TimeoutError'],
    ['a full heap', { kind: 'out_of_memory', memoryMb: 64 }, 'ER0002', 'OOMError'],
    ['the end of the process', exited, 'ER0003', 'NonZeroExitCodeError'],
  ])('%s fails with its code when no retry is left', (_, exit, code, name) => {
    const failed = becomes(exit, null, { policy: never, retries: 0 }, 0.5)
    expect(failed).toMatchObject({ to: 'failed', code, error: { name } })
    const again = becomes(exit, null, { policy: thrice, retries: 2 }, 0.5)
    expect(again).toMatchObject({ to: 'retryLater', code, delaySeconds: 67.5 })
    expect(becomes(exit, null, { policy: thrice, retries: 3 }, 0.5)).toMatchObject({ to: 'failed', code })
  })

  test.each([
    ['exit code 0 says what to do', { ...exited, code: 0 }, 'process.exit'],
    ['a signal is named', { ...exited, code: null, signal: 'SIGSEGV' }, 'was ended by SIGSEGV'],
    ['the last output is shown', { ...exited, stderr: 'Error: in a timer' }, 'Error: in a timer'],
  ])('of the end of a process %s', (_, exit, text) => {
    const failed = becomes(exit, null, { policy: never, retries: 0 }, 0.5)
    expect(failed).toMatchObject({ error: { message: expect.stringContaining(text) } })
  })

  test.each([
    ['by a cancel aborts', 'aborted', { to: 'aborted' }],
    ['by our shutdown gives it back at once', 'interrupted', { to: 'givenBack', delaySeconds: 0 }],
    ['because the lease was lost writes nothing', 'lease_lost', { to: 'nothing' }],
  ] as const)('a stop %s', (_, stopped, transition) => {
    expect(becomes({ kind: 'stopped' }, stopped, { policy: never, retries: 0 }, 0.5)).toMatchObject(
      transition,
    )
  })

  test('an attempt that could not be made is given back, later, and spends nothing', () => {
    const exit = { kind: 'unavailable', message: 'no disk' } as const
    const back = becomes(exit, null, { policy: never, retries: 0 }, 0.5)
    expect(back).toEqual({ to: 'givenBack', because: 'no disk', delaySeconds: 5 })
  })
})

describe('the loss of a worker', () => {
  test.each([
    ['running', 0, 'queued'],
    ['running', 1, 'queued'],
    ['running', 2, 'failed'],
    ['aborting', 2, 'aborted'],
  ] as const)('while %s, after %i before it: %s', (state, crashes, to) => {
    expect(afterLoss(state, crashes)).toBe(to)
  })
})

describe('the delay of a retry', () => {
  test.each([
    [1, 30],
    [2, 45],
    [3, 67.5],
    [9, 600],
    [10_000, 600],
  ])('retry %i waits %d s', (retry, seconds) => {
    expect(retryDelaySeconds({ ...never, maxAttempts: 20_000 }, retry, 0.5)).toBe(seconds)
  })

  test('there is none after the last', () => {
    expect(retryDelaySeconds(never, 1, 0.5)).toBeNull()
    expect(retryDelaySeconds(thrice, 4, 0.5)).toBeNull()
  })

  test('is a time PostgreSQL can add, whatever the policy says, and within its factor', () => {
    const amount = fc.double({ min: 0, max: 1e300, noNaN: true })
    const policies = fc.record({
      maxAttempts: fc.constant(1_000),
      initialInterval: amount,
      multiplier: amount,
      maxInterval: amount,
      randomizationFactor: fc.double({ min: 0, max: 1, noNaN: true }),
    })
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
    fc.assert(
      fc.property(policies, fc.integer({ min: 1, max: 1_000 }), random, (policy, retry, value) => {
        const delay = retryDelaySeconds(policy, retry, value) ?? -1
        expect(delay).toBeGreaterThanOrEqual(0)
        expect(delay).toBeLessThanOrEqual(10 * 365 * 86_400)
        expect(delay).toBeLessThanOrEqual(policy.maxInterval * (1 + policy.randomizationFactor))
      }),
    )
  })
})

describe('the states', () => {
  test('are those of the schema', () => {
    const named = Object.values(transitions).flatMap(({ from, to }) => [...from, to])
    expect(new Set(named)).toEqual(new Set(executionStates))
  })

  test('nothing follows a finished one', () => {
    for (const from of finished) for (const to of executionStates) expect(mayBecome(from, to)).toBe(false)
    expect(executionStates.filter(isFinished)).toEqual([...finished])
  })

  test.each<[State, boolean, string]>([
    ['queued', false, 'cancel'],
    ['queued', true, 'cancel'],
    ['running', false, 'refuse'],
    ['running', true, 'abort'],
    ['aborting', true, 'already_aborting'],
    ['aborting', false, 'refuse'],
    ['succeeded', true, 'refuse'],
  ])('a cancel of one that is %s (force %s): %s', (state, force, decision) => {
    expect(cancellationOf(state, force)).toBe(decision)
  })
})
