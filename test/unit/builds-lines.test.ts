import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cleanLine, createLines, maxLineLength } from '../../src/builds/processes/lines.ts'

function linesOf(...chunks: (string | Uint8Array)[]): string[] {
  const seen: string[] = []
  const lines = createLines(line => seen.push(line))
  for (const chunk of chunks) lines.write(typeof chunk === 'string' ? Buffer.from(chunk) : chunk)
  lines.end()
  return seen
}

describe('output becomes lines', () => {
  test('a line may come in pieces, and the last one may lack its newline', () => {
    expect(linesOf('one\ntw', 'o\n', 'three')).toEqual(['one', 'two', 'three'])
  })

  test('Windows line ends, NUL and invalid UTF-8 do not get through; colours do', () => {
    expect(linesOf('a\r\n\u001b[31mred\u001b[0m\0\n', Uint8Array.of(0x62, 0xff, 0x0a))).toEqual([
      'a',
      '\u001b[31mred\u001b[0m',
      'b\ufffd',
    ])
  })

  test.for([
    ['a cleared screen', 'a\u001b[2J\u001b[Hb', 'ab'],
    ['a title', '\u001b]0;title\u0007text', 'text'],
    ['a link', '\u001b]8;;https://example.com\u001b\\text\u001b]8;;\u001b\\', 'text'],
    ['a string for the terminal', '\u001bPq#0\u001b\\text', 'text'],
    ['a half sequence', 'text\u001b[3', 'text3'],
    ['a colour with many parts', '\u001b[1;38;5;200mtext\u001b[m', '\u001b[1;38;5;200mtext\u001b[m'],
    ['a bell and a backspace', 'te\u0007x\bt', 'text'],
    ['controls of eight bits', 'te\u009b2Jxt', 'te2Jxt'],
    ['a tab', 'te\txt', 'te\txt'],
  ] as const)('of what talks to a terminal, colours remain: %s', ([, text, shown]) => {
    expect(cleanLine(text)).toBe(shown)
  })

  test('a line that is cut ends with no half colour', () => {
    const line = cleanLine(`${'x'.repeat(maxLineLength - 2)}\u001b[31mred`)
    expect(line).toBe(`${'x'.repeat(maxLineLength - 2)}…`)
  })

  test('of a progress bar, what it said last', () => {
    expect(linesOf('10%\r50%\r100%\n')).toEqual(['100%'])
  })

  test('a character cut in two between chunks is whole again', () => {
    const bytes = Buffer.from('grüße')
    expect(linesOf(bytes.subarray(0, 3), bytes.subarray(3))).toEqual(['grüße'])
  })

  test('an endless line is cut and its rest forgotten', () => {
    const seen = linesOf(...Array.from({ length: 100 }, () => 'x'.repeat(10_000)), '\nnext\n')
    expect(seen.map(line => line.length)).toEqual([maxLineLength + 1, 4])
  })

  test('however the bytes are cut into chunks, the lines are the same', { timeout: 60_000 }, () => {
    const text = fc.string({ unit: 'binary', maxLength: 50 })
    fc.assert(
      fc.property(text, fc.array(fc.nat(100), { maxLength: 10 }), (content, cuts) => {
        const bytes = Buffer.from(content)
        const at = [0, ...cuts.map(cut => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length]
        const chunks = at.slice(1).map((end, index) => bytes.subarray(at[index], end))
        expect(linesOf(...chunks)).toEqual(linesOf(bytes))
      }),
    )
  })

  test('a clean line can be stored as text in PostgreSQL', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        const line = cleanLine(text)
        expect(line.includes('\0')).toBe(false)
        expect(line.isWellFormed()).toBe(true)
        expect(line.length).toBeLessThanOrEqual(maxLineLength + 1)
      }),
    )
  })
})
