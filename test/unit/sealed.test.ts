import { describe, expect, test } from 'vitest'
import { createCursors } from '../../src/api/cursor.ts'
import { environmentOfRuntimeToken, runtimeToken } from '../../src/api/tokens.ts'
import { isSealedNow, seal, unseal } from '../../src/sealed.ts'

const key = 'k'.repeat(40)

test('opens to what was sealed', () => {
  expect(unseal(key, 'github app', seal(key, 'github app', 'pem ✓'))).toBe('pem ✓')
})

test('never looks the same twice and shows nothing', () => {
  const [one, two] = [seal(key, 'a', 'canary'), seal(key, 'a', 'canary')]
  expect(one).not.toBe(two)
  expect(Buffer.from(one, 'base64').includes('canary')).toBe(false)
})

test.each([
  ['another key', () => unseal('x'.repeat(40), 'a', seal(key, 'a', 't'))],
  ['another owner', () => unseal(key, 'b', seal(key, 'a', 't'))],
  ['another form', () => unseal(key, 'a', Buffer.of(9, 1, 2).toString('base64'))],
])('%s does not open it', (_name, open) => {
  expect(open).toThrow()
})

test('a flipped bit does not open', () => {
  const bytes = Buffer.from(seal(key, 'a', 'text'), 'base64')
  for (let at = 0; at < bytes.length; at++) {
    const flipped = Buffer.from(bytes)
    flipped[at] = (flipped[at] ?? 0) ^ 1
    expect(() => unseal(key, 'a', flipped.toString('base64'))).toThrow()
  }
})

describe('S70: while the master key is changed', () => {
  const other = 'o'.repeat(40)
  const both = `${other}\n${key}`

  test('the first seals and any opens, in whatever order they are given', () => {
    const before = seal(key, 'a', 'text')
    expect(unseal(both, 'a', before)).toBe('text')
    const now = seal(both, 'a', 'text')
    expect(unseal(other, 'a', now)).toBe('text')
    expect(unseal(`${key}\n${other}`, 'a', now)).toBe('text')
    expect(() => unseal(key, 'a', now)).toThrow(/another master key/)
    expect([isSealedNow(both, before), isSealedNow(both, now)]).toEqual([false, true])
  })

  test('what was sealed before keys had ids opens with any of them', () => {
    const sealed = 'AS7zujY7GHVtgZSPK80cJfiX0qOdRxw4kXla0Meacjyp9kMM/PS9XSbtRWhKbC9+stxuZiyE9A=='
    for (const keys of [key, both, `${key}\n${other}`])
      expect(unseal(keys, 'variable 1 all A', sealed)).toBe('sealed before keys had ids')
    expect(() => unseal(other, 'variable 1 all A', sealed)).toThrow()
    expect(isSealedNow(key, sealed)).toBe(false)
  })

  test('what is derived from one of them is good', () => {
    const id = '00000000-0000-4000-8000-000000000000'
    expect(environmentOfRuntimeToken(both, runtimeToken(key, id))).toBe(id)
    expect(environmentOfRuntimeToken(key, runtimeToken(both, id))).toBeNull()
    expect(createCursors(both, 'list').read(createCursors(key, 'list').write(7))).toBe(7)
    expect(() => createCursors(other, 'list').read(createCursors(key, 'list').write(7))).toThrow()
  })
})
