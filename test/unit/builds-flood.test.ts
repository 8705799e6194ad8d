import { describe, expect, test } from 'vitest'
import { createFlood } from '../../src/builds/processes/flood.ts'

function linesOf(limits: { lines: number; bytes: number; tailBytes: number }, chunks: string[]): string[] {
  const seen: string[] = []
  const flood = createFlood(line => seen.push(line), limits)
  for (const chunk of chunks) flood.write(Buffer.from(chunk))
  flood.end()
  return seen
}

const numbers = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => `line ${from + index}\n`)

describe('a flood', () => {
  test('keeps its begin and its end, and the size of what is between', () => {
    const seen = linesOf({ lines: 3, bytes: 1_000, tailBytes: 14 }, numbers(0, 100))
    expect(seen).toEqual(['line 0', 'line 1', 'line 2', '… 0.0 MB of output left out here …', 'line 99'])
  })

  test('is one by its bytes, too', () => {
    const seen = linesOf({ lines: 1_000, bytes: 10, tailBytes: 14 }, numbers(0, 9))
    expect(seen.slice(0, 3)).toEqual(['line 0', 'line 1', '… 0.0 MB of output left out here …'])
    expect(seen.at(-1)).toBe('line 8')
  })

  test('that ends before anything had to go is whole', () => {
    const text = ['one\ntw', 'o\nthr', 'ee\nfour']
    expect(linesOf({ lines: 1, bytes: 1_000, tailBytes: 100 }, text)).toEqual(['one', 'two', 'three', 'four'])
  })

  test('begins its end with a whole line', () => {
    const seen = linesOf({ lines: 1, bytes: 1_000, tailBytes: 6 }, ['a\n', 'bbbb', 'cc\ndd', 'dd\nee'])
    expect(seen).toEqual(['a', '… 0.0 MB of output left out here …', 'dddd', 'ee'])
  })
})
