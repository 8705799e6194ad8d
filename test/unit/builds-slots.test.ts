// How many builds at once, and how many of them of one repository.
import { expect, test } from 'vitest'
import { slotsOf } from '../../src/builds/slots.ts'

test.each([
  [
    { processors: 2, memoryBytes: 8e9 },
    { builds: 4, ofOneRepository: 2 },
  ],
  [
    { processors: 16, memoryBytes: 64e9 },
    { builds: 16, ofOneRepository: 8 },
  ],
  [
    { processors: 16, memoryBytes: 8.2e9 },
    { builds: 8, ofOneRepository: 4 },
  ],
  [
    { processors: 4, memoryBytes: 2.1e9 },
    { builds: 2, ofOneRepository: 1 },
  ],
  [
    { processors: 1, memoryBytes: 0.5e9 },
    { builds: 2, ofOneRepository: 1 },
  ],
])('%o works %o', (machine, slots) => {
  expect(slotsOf(machine)).toEqual(slots)
})
