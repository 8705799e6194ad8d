import { expect, test } from 'vitest'
import { seal, unseal } from '../../src/sealed.ts'

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
