// Whether GitHub signed the bytes: its published vector, and everything that must not pass.
import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { isSignature, verifySignature } from '../../src/github/deliveries/verify.ts'

const secret = "It's a Secret to Everybody"
const body = Buffer.from('Hello, World!')
const published = 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17'
const signed = (key: string, bytes: Uint8Array, algorithm = 'sha256') =>
  `${algorithm}=${createHmac(algorithm, key).update(bytes).digest('hex')}`

test('the vector GitHub publishes passes', () => {
  expect(verifySignature(secret, body, published)).toBe(true)
})

test('the bytes are signed as they came: an escape and the character it stands for differ', () => {
  const sent = Buffer.from('{"name":"\\u00e9"}')
  expect(verifySignature(secret, sent, signed(secret, sent))).toBe(true)
  expect(verifySignature(secret, Buffer.from('{"name":"é"}'), signed(secret, sent))).toBe(false)
})

test.each([
  ['no signature', undefined],
  ['an empty one', ''],
  ['only the prefix', 'sha256='],
  ['sha1', signed(secret, body, 'sha1')],
  ['sha1 called sha256', signed(secret, body, 'sha1').replace('sha1', 'sha256')],
  ['another secret', signed('another secret', body)],
  ['the secret Probot falls back to', signed('development', body)],
  ['upper-case hex', published.toUpperCase()],
  ['one digit too few', published.slice(0, -1)],
  ['one digit too many', `${published}0`],
  ['white space around it', ` ${published}`],
  ['a newline behind it', `${published}\n`],
  ['another body', signed(secret, Buffer.from('Hello, World!\n'))],
])('%s is refused', (_name, header) => {
  expect(verifySignature(secret, body, header)).toBe(false)
})

test('an empty secret verifies nothing, not even what it signed', () => {
  expect(verifySignature('', body, signed('', body))).toBe(false)
})

test.each([
  [published, true],
  ['sha256=abc', false],
  [undefined, false],
  [`${published}\n`, false],
])('the form of %j alone is judged without the body', (header, well) => {
  expect(isSignature(header)).toBe(well)
})
