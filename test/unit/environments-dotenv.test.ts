import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseDotenv } from '../../src/environments/dotenv.ts'

const valuesOf = (text: string) =>
  Object.fromEntries(parseDotenv(text).lines.map(({ name, value }) => [name, value]))

describe('a line', () => {
  test.each<[string, Record<string, string>]>([
    ['A=1\nB=2', { A: '1', B: '2' }],
    ['A=1\r\nB=2\r\n', { A: '1', B: '2' }],
    ['\ufeffA=1', { A: '1' }],
    ['  export A = 1  ', { A: '1' }],
    ['exported=1', { exported: '1' }],
    ['# A=0\n\n   # B\nA=x # y', { A: 'x' }],
    ["A='x # y' # c", { A: 'x # y' }],
    ['A="two\nlines"\nB=2', { A: 'two\nlines', B: '2' }],
    ["A='-----BEGIN-----\nab=\n-----END-----\n'", { A: '-----BEGIN-----\nab=\n-----END-----\n' }],
    ['A="a\\nb\\t\\"c\\" \\\\ \\$D \\x"', { A: 'a\nb\t"c" \\ $D \\x' }],
    ["A='a\\nb'", { A: 'a\\nb' }],
    ['A=`x "y" \'z\'`', { A: `x "y" 'z'` }],
    ['A=$B$(C)', { A: '$B$(C)' }],
    ['A=postgres://u:p@h/d?x=1&y=2', { A: 'postgres://u:p@h/d?x=1&y=2' }],
    ['A=it"s', { A: 'it"s' }],
    ['A=\nB=""\nC= # none', { A: '', B: '', C: '' }],
    ['A=1\nA=2', { A: '2' }],
    ['', {}],
  ])('%j is understood', (text, values) => {
    expect(parseDotenv(text).problems).toEqual([])
    expect(valuesOf(text)).toEqual(values)
  })

  test.each<[string, RegExp]>([
    ['A=1\nhunter2', /^Line 2 is neither/],
    ['A: hunter2', /^Line 1 is neither/],
    ['=hunter2', /^Line 1 is neither/],
    ['A B=hunter2', /^Line 1 is neither/],
    ['A="x\ny"\nB="hunter2\nC=3', /^Line 3: the value of B begins with " and is never closed/],
    ['A="hunter2"hunter2', /^Line 1: something stands behind the closing " of A/],
    ["A='it's hunter2'", /^Line 1: something stands behind the closing ' of A/],
    ['A=hunter2#hunter2', /^Line 1: A has a # within; put its value in quotes/],
  ])('%j is told by its number and name, and its value is not', (text, message) => {
    const { problems } = parseDotenv(text)
    expect(problems).toEqual([expect.stringMatching(message)])
    expect(problems.join()).not.toContain('hunter2')
  })
})

test('what was written in double quotes comes back, whatever it is', () => {
  const write = (value: string) =>
    `A="${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\r', '\\r')}"\nB=2`
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), value => {
      expect(valuesOf(write(value))).toEqual({ A: value, B: '2' })
    }),
  )
})

test('any text ends, and each of its lines is understood or told', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...`A=#'"\`\\ \n\r$x`) }), text => void parseDotenv(text)),
  )
})
