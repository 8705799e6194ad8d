import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { functionStates } from '../../src/db/schema/columns.ts'
import { holdingOf } from '../../src/functions/holding.ts'
import { code, codes } from '../../src/functions/markdown.ts'
import { afterCancelledDeletion, mayBecome, next } from '../../src/functions/states.ts'
import { editDistance, suggest } from '../../src/functions/suggest.ts'

describe('states', () => {
  test('the table has exactly the words of the schema', () => {
    expect(Object.keys(next)).toEqual([...functionStates])
    expect(
      Object.values(next)
        .flat()
        .filter(state => !functionStates.includes(state)),
    ).toEqual([])
  })

  test('nothing comes back from deleted, and every deletion waits first', () => {
    expect(functionStates.filter(state => mayBecome('deleted', state))).toEqual([])
    expect(functionStates.filter(state => mayBecome(state, 'deleted'))).toEqual(['pending_deletion'])
  })

  test.each([
    ['one with a version runs again', 'some-version', 'active'],
    ['one without is as it began', null, 'init'],
  ])('after a cancelled deletion %s', (_name, version, state) => {
    expect(afterCancelledDeletion(version)).toBe(state)
  })
})

describe('holdingOf', () => {
  const one = { id: 'f', name: 'hello', state: 'active' as const, archivedAt: null }
  const pause = (functionId: string | null) => ({ kind: 'pause' as const, functionId })
  test.each([
    ['nothing holds it', one, [], undefined],
    ['a pause of another function does not', one, [pause('g')], undefined],
    ['a pin does not', one, [{ kind: 'pin' as const, functionId: null }], undefined],
    ['its own pause does', one, [pause('f')], 'paused'],
    ['the pause of its environment does', one, [pause(null)], 'environment_paused'],
    ['its own pause is named first', one, [pause(null), pause('f')], 'paused'],
    ['archived goes before paused', { ...one, archivedAt: new Date() }, [pause('f')], 'archived'],
    [
      'a deletion goes before all',
      { ...one, archivedAt: new Date(), state: 'pending_deletion' as const },
      [pause('f')],
      'pending_deletion',
    ],
  ])('%s', (_name, subject, overlays, expected) => {
    expect(holdingOf({ name: 'production' }, subject, overlays)?.code).toBe(expected)
  })
})

describe('suggest', () => {
  test.each([
    ['a letter too few', 'pase', 'pause'],
    ['a letter too many', 'pausee', 'pause'],
    ['two letters swapped', 'puase', 'pause'],
    ['another letter', 'pauze', 'pause'],
    ['other case', 'PAUSE', 'pause'],
  ])('%s is near', (_name, word, expected) => {
    expect(suggest(word, ['resume', 'pause', 'status'])).toBe(expected)
  })

  test('a far word suggests nothing, nor does a short one that shares no more than length', () => {
    expect(suggest('deploy', ['resume', 'pause'])).toBeNull()
    expect(suggest('me', ['qa', 'dev'])).toBeNull()
  })

  test('a word of any length costs no more than comparing it', () => {
    expect(suggest('x'.repeat(100_000), ['pause'])).toBeNull()
  })

  test('distance is zero only for the same word, and the same both ways', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 20 }), fc.string({ maxLength: 20 }), (a, b) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a))
        expect(editDistance(a, b) === 0).toBe(a === b)
      }),
    )
  })
})

describe('code', () => {
  test.each([
    ['a name is set as code', 'hello', '`hello`'],
    ['a backtick cannot end it', 'a`b``c', "`a'b''c`"],
    ['a line break cannot either', 'a\n\n/pause\r\nb', '`a /pause b`'],
    ['nothing becomes a blank, not a fence', '', '` `'],
    ['direction marks and zero widths are gone', 'a\u202eb\u200bc', '`a b c`'],
  ])('%s', (_name, text, expected) => {
    expect(code(text)).toBe(expected)
  })

  test('whatever it is given, it is one line between two backticks and of bounded length', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 500 }), text => {
        expect(code(text)).toMatch(/^`[^`\n\r]+`$/)
        expect(code(text).length).toBeLessThan(210)
        expect(code(text).isWellFormed()).toBe(true)
      }),
    )
  })

  test('a long list ends with how many are left out', () => {
    expect(codes(['a', 'b', 'c'], 2)).toBe('`a`, `b` and 1 more')
  })
})
