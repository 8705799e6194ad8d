// How much is claimed ahead of free slots: what they work off in a moment, in batches, and nothing of what takes long.
import { describe, expect, test } from 'vitest'
import { aheadOf, inTurnOf, meanWith, roomFor } from '../../src/executions/ahead.ts'

describe('ahead', () => {
  test.each([
    ['nothing while nothing is known', 4, null, 0],
    ['what the slots do in a twenty-fifth of a second', 4, 2, 80],
    ['at most two hundred, however quick', 16, 0.01, 200],
    ['of attempts as long as that, one a slot', 4, 40, 4],
    ['of long ones nothing', 4, 60_000, 0],
  ])('%s', (_, slots, attemptMs, expected) => {
    expect(aheadOf(slots, attemptMs)).toBe(expected)
  })

  test('the mean follows what attempts take of late', () => {
    let mean = meanWith(null, 1)
    expect(mean).toBe(1)
    for (let attempt = 0; attempt < 20; attempt++) mean = meanWith(mean, 10_000)
    expect(aheadOf(4, mean)).toBe(0)
    for (let attempt = 0; attempt < 60; attempt++) mean = meanWith(mean, 1)
    expect(aheadOf(4, mean)).toBeGreaterThan(50)
  })
})

describe('what a slot takes at once', () => {
  test.each([
    ['one while nothing is known', 4, 100, null, 1],
    ['its share of what is ready', 4, 10, 0.1, 3],
    ['no more than is worked off in a moment', 4, 200, 2, 10],
    ['one of those that take longer', 4, 200, 50, 1],
    ['one of one', 4, 1, 0.1, 1],
  ])('%s', (_, slots, ready, attemptMs, expected) => {
    expect(inTurnOf(slots, ready, attemptMs)).toBe(expected)
  })
})

describe('room', () => {
  test.each([
    ['all slots, before anything is known', 4, 0, 0, null, { slots: 4, ahead: 0 }],
    ['none when all are busy with what takes long', 4, 4, 0, 60_000, { slots: 0, ahead: 0 }],
    ['a batch when what is ready runs low', 4, 4, 40, 2, { slots: 0, ahead: 40 }],
    ['nothing while more than half of a batch is ready', 4, 4, 41, 2, { slots: 0, ahead: 0 }],
    ['free slots first, then what comes after', 4, 1, 0, 2, { slots: 3, ahead: 80 }],
    ['what is ready takes the free slots', 4, 1, 2, null, { slots: 1, ahead: 0 }],
  ])('%s', (_, size, busy, ready, attemptMs, expected) => {
    expect(roomFor(size, busy, ready, attemptMs)).toEqual(expected)
  })
})
