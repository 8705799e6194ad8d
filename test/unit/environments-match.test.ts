import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { matches } from '../../src/environments/match.ts'

describe('matches', () => {
  test.each([
    ['main', 'main', true, 'a literal fits itself'],
    ['main', 'main2', false, 'and nothing longer'],
    ['main', 'mai', false, 'and nothing shorter'],
    ['qa/*', 'qa/concurrency', true, 'a star stands for the rest'],
    ['qa/*', 'qa/', true, 'also for nothing'],
    ['qa/*', 'qa', false, 'but not for the slash before it'],
    ['*', 'anything/at/all', true, 'slashes included'],
    ['a*b*c', 'axxbxxbc', true, 'stars go back as far as needed'],
    ['a*b*c', 'axxcxxb', false, 'in order'],
    ['release-?', 'release-1', false, 'other glob characters are themselves'],
    ['[ab]', '[ab]', true, 'brackets too'],
  ])('%s against %s is %s: %s', (pattern, branch, expected) => {
    expect(matches(pattern, branch)).toBe(expected)
  })

  test('agrees with a regular expression on small inputs', () => {
    const short = fc.string({ unit: fc.constantFrom('a', 'b', '/', '*'), maxLength: 7 })
    const branchOf = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 9 })
    fc.assert(
      fc.property(short, branchOf, (pattern, branch) => {
        const expression = new RegExp(`^${pattern.replaceAll('*', '.*')}$`)
        expect(matches(pattern, branch)).toBe(expression.test(branch))
      }),
      { numRuns: 2_000 },
    )
  })

  test('answers a pattern that stalls glob libraries', () => {
    expect(matches(`${'*a'.repeat(120)}z`, 'a'.repeat(255))).toBe(false)
  })
})
