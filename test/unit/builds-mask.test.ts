import { describe, expect, test } from 'vitest'
import { createMask, maskError, maskFailure } from '../../src/builds/mask.ts'
import { AppError } from '../../src/errors.ts'

const secret = 'sk_live/4eC39HqLyj+WDarj "tT1" zdp7dc'
const key = `-----BEGIN KEY-----
MIIEvQIBADANBgkqhkiG9w0
BAQEFAASCBKcwggSjAgEAAoI
short
-----END KEY-----
`
const mask = createMask([secret, key, 'tiny', 'longer-tiny'])
const base64 = (text: string) => Buffer.from(text).toString('base64')

describe('a value is taken out', () => {
  test.each([
    ['as it is', secret],
    ['twice in a line', `${secret} and ${secret}`],
    ['in JSON', JSON.stringify({ key: secret })],
    ['in JSON in JSON', JSON.stringify(JSON.stringify({ key: secret }))],
    ['in an address', `https://example.com/?key=${encodeURIComponent(secret)}&x=1`],
    ['in a form', `key=${new URLSearchParams({ secret })}`],
    ['reversed', [...secret].reverse().join('')],
    ['in base64', base64(secret)],
    ['in base64 behind a user', base64(`me:${secret}`)],
    ['in base64 behind other users', `${base64(`you:${secret}:x`)} ${base64(`a user:${secret}`)}`],
    ['in base64 for addresses', Buffer.from(`x${secret}`).toString('base64url')],
  ])('%s', (_name, text) => {
    const shown = mask(text)
    expect(shown).toContain('***')
    for (const form of [
      secret,
      encodeURIComponent(secret),
      JSON.stringify(secret).slice(1, -1),
      base64(secret),
    ])
      expect(shown).not.toContain(form)
    // At most the characters that hold bits of a neighbour are left of it in base64.
    expect(shown).not.toContain(base64(secret).slice(8, 20))
  })

  test('of several lines, each by itself', () => {
    for (const line of key
      .trim()
      .split('\n')
      .filter(one => one.length >= 8))
      expect(mask(`> ${line} <`)).toBe('> *** <')
    expect(mask('> short <')).toBe('> short <')
  })

  test('and what stands around it stays', () => {
    expect(mask(`before ${secret}${secret} after`)).toBe('before ****** after')
    expect(mask('nothing here')).toBe('nothing here')
    expect(mask('')).toBe('')
  })
})

test('the longer of two that begin alike counts', () => {
  const both = createMask(['password', 'password-and-more'])
  expect(both('password-and-more, password')).toBe('***, ***')
})

test('a value of less than eight characters would take words out of every text, and stays', () => {
  expect(mask('a tiny word')).toBe('a tiny word')
  expect(createMask([])('anything')).toBe('anything')
})

test('a value that is no text of Unicode hides itself and breaks nothing', () => {
  const odd = `${'\ud800'}half-a-pair`
  expect(createMask([odd])(`<${odd}>`)).toBe('<***>')
})

test('M46: a failure and its annotations are masked', () => {
  const failure = {
    code: 'install_failed' as const,
    message: `no ${secret}`,
    annotations: [
      { path: 'a.ts', startLine: 1, endLine: 1, level: 'failure' as const, message: `at ${secret}` },
    ],
  }
  expect(maskFailure(failure, mask)).toEqual({
    ...failure,
    message: 'no ***',
    annotations: [{ ...failure.annotations[0], message: 'at ***' }],
  })
})

test('an error is replaced where it says a value, and keeps its code', () => {
  const plain = new Error('nothing to hide')
  expect(maskError(plain, mask)).toBe(plain)
  const hidden = maskError(new AppError('unavailable', `npm said ${secret}`, { tries: 1 }), mask)
  expect(hidden).toMatchObject({ code: 'unavailable', message: 'npm said ***', details: { tries: 1 } })
  const other = maskError(new Error(`read ${secret}`, { cause: new Error(secret) }), mask)
  expect(other).toMatchObject({ message: 'read ***' })
  expect(other instanceof Error && (other.cause ?? null)).toBeNull()
  expect(other instanceof Error && other.stack).not.toContain(secret)
})

test('a long text with many values is masked in one pass', () => {
  const many = Array.from({ length: 500 }, (_, index) => `value-number-${index}-of-many`)
  const text = 'x'.repeat(1_000_000) + many[499]
  expect(createMask(many)(text).endsWith('x***')).toBe(true)
})

describe('S71: a value that is cut', () => {
  const one = createMask([secret])
  const halves = Array.from({ length: secret.length - 1 }, (_, index) => index + 1)

  test.each(halves)('after %d characters shows less of it than could be a value', at => {
    const [before, after] = [secret.slice(0, at), secret.slice(at)]
    for (const end of ['', '…']) {
      const shown = one(`key: ${before}${end}`)
      expect(shown).toBe(at >= 8 ? `key: ***${end}` : `key: ${before}${end}`)
    }
    expect(one(`${after} and more`, true)).toBe(after.length >= 8 ? '*** and more' : `${after} and more`)
  })

  test('is looked for at the beginning only of what goes on from before', () => {
    expect(one(`${secret.slice(20)} and more`)).toContain(secret.slice(20))
    expect(one(`nothing of it ${secret}`, true)).toBe('nothing of it ***')
  })
})

test('a megabyte without values costs a moment', () => {
  const many = createMask(Array.from({ length: 50 }, (_, index) => `value-number-${index}-of-many`))
  const lines = Array.from(
    { length: 10_000 },
    (_, index) => `GET /orders/${index} 200 in ${index} ms, as ever`,
  )
  expect(lines.map(line => many(line))).toEqual(lines)
})
