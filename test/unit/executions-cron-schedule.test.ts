// When a worker looks for due ticks: just after the full minute of the database's clock, and a few times more.
import { expect, test } from 'vitest'
import { untilNextLook } from '../../src/executions/schedule.ts'

test.each([
  ['12:00:59.999', 1],
  ['12:00:00.000', 1_000],
  ['12:00:00.400', 600],
  ['12:00:03.000', 2_000],
  ['12:00:19.000', 1_000],
  ['12:00:41.500', 18_500],
])('at %s it waits %i ms', (time, ms) => {
  expect(untilNextLook(new Date(`2030-01-01T${time}Z`))).toBe(ms)
})
