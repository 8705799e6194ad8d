// What is kept of output: its two ends within a cap, each line counted once, and only what can be stored and shown.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { LogLine } from '../../src/executions/ports.ts'
import { createCappedLines } from '../../src/runner/capped-lines.ts'
import { createDecoder } from '../../src/runner/frames.ts'
import { decodeLine, encodeLine, type LineOfCall, maxLineBytes } from '../../src/runner/log-lines.ts'
import { printable } from '../../src/runner/printable.ts'

const line = (text: string): LogLine => ({ atMs: 0, level: 'log', text })
const cap = 1_000

test('the first and the last are kept, what lay between is counted', () => {
  const texts = fc.array(fc.string({ maxLength: 200 }), { maxLength: 100 })
  fc.assert(
    fc.property(texts, fc.nat(100), (all, handedAt) => {
      const capped = createCappedLines(cap)
      const handed: LogLine[] = []
      all.forEach((text, index) => {
        capped.add(line(text))
        if (index === handedAt) handed.push(...capped.takeFirst())
      })
      const kept = [...handed, ...capped.takeRest()].map(one => one.text)
      const note = kept.findIndex(text => / of output were dropped here\.$/.test(text))
      if (note < 0) {
        expect(kept).toEqual(all)
        return
      }
      const dropped = Number.parseInt(kept[note] ?? '', 10)
      const [first, last] = [kept.slice(0, note), kept.slice(note + 1)]
      expect(first).toEqual(all.slice(0, first.length))
      expect(last).toEqual(all.slice(all.length - last.length))
      expect(first.length + dropped + last.length).toBe(all.length)
      expect([first, last].every(part => Buffer.byteLength(part.join('')) <= cap)).toBe(true)
    }),
  )
})

test('nothing of it is a control character, an escape sequence or half of a pair', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('', '\u001b[31m', '\u001b]0;title\u0007', '\ud800'),
      (text, part) => {
        const shown = printable(`${text}${part}${text}`)
        expect(shown.isWellFormed()).toBe(true)
        // biome-ignore lint/suspicious/noControlCharactersInRegex: that there are none is what this checks
        expect(shown).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/)
        expect(printable(shown)).toBe(shown)
      },
    ),
  )
})

test('lines arrive as they were said', () => {
  const lines = fc.record<LineOfCall>({
    call: fc.integer({ min: 0, max: 2 ** 48 - 1 }),
    level: fc.constantFrom('debug', 'log', 'info', 'warn', 'error'),
    atMs: fc.double({ noNaN: true, noDefaultInfinity: true }),
    text: fc.string({ unit: 'grapheme' }),
  })
  fc.assert(
    fc.property(fc.array(lines), sent => {
      const got: (LineOfCall | null)[] = []
      const decode = createDecoder(maxLineBytes, frame => got.push(decodeLine(frame)))
      for (const one of sent) decode(encodeLine(one.call, one.level, one.atMs, one.text))
      expect(got).toEqual(sent)
    }),
  )
})
