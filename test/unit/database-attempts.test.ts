// When a connection is opened again: at once after a loss, later and later while nothing answers, and never much later.
import { expect, test } from 'vitest'
import { createAttempts } from '../../src/db/attempts.ts'

test('waits longer after each failure, up to two seconds, and not at all after a success', () => {
  const attempts = createAttempts()
  expect(attempts.waitSeconds()).toBe(0)
  const waits = Array.from({ length: 40 }, () => {
    attempts.failed()
    return attempts.waitSeconds()
  })
  expect(waits.slice(0, 7)).toEqual([0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 2])
  expect(Math.max(...waits)).toBe(2)
  attempts.succeeded()
  expect(attempts.waitSeconds()).toBe(0)
})
