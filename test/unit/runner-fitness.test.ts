// When a process has run its last call.
import { expect, test } from 'vitest'
import { isFit } from '../../src/runner/fitness.ts'

const good = { unfit: false, memoryMb: 0 }
const young = { calls: 1, ageMs: 0 }
const hourMs = 3_600_000

test.each([
  ['after its first call', good, young, true],
  ['with memory below a quarter of its limit', { ...good, memoryMb: 500 }, young, true],
  ['with more of it', { ...good, memoryMb: 513 }, young, false],
  ['that left something running', { ...good, unfit: true }, young, false],
  ['after 9,999 calls', good, { ...young, calls: 9_999 }, true],
  ['after 10,000 calls', good, { ...young, calls: 10_000 }, false],
  ['that is nearly an hour old', good, { ...young, ageMs: hourMs - 1 }, true],
  ['that is an hour old', good, { ...young, ageMs: hourMs }, false],
])('a process %s', (_, answer, wear, fit) => {
  expect(isFit(answer, wear, 2_048)).toBe(fit)
})
