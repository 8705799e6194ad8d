import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isTooLargeForRow, mostInRow, referenceIn, referenceTo } from '../../src/executions/payload.ts'

test('no JSON is taken for a reference, and a reference tells its digest', () => {
  fc.assert(fc.property(fc.json(), json => referenceIn(json) === null))
  expect(referenceIn(referenceTo('abc'))).toBe('abc')
})

test.each([
  ['as long as a row may hold', 'x'.repeat(mostInRow), false],
  ['one byte longer', 'x'.repeat(mostInRow + 1), true],
  ['few characters of many bytes', '€'.repeat(mostInRow / 3 + 1), true],
  ['short', '[]', false],
])('%s', (_name, text, tooLarge) => {
  expect(isTooLargeForRow(text)).toBe(tooLarge)
})
