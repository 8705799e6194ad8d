import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { missingSpans, oldSpans, partitionName, type Span, spanOf } from '../../src/executions/spans.ts'

const hour = 3_600
const at = (seconds: number) => new Date(seconds * 1_000)

describe('the spans of the history', () => {
  test('begin at whole multiples of their length, and are there for the next two', () => {
    expect(missingSpans([], at(10 * hour + 7), 8 * hour)).toEqual([
      { from: 10 * hour, to: 11 * hour },
      { from: 11 * hour, to: 12 * hour },
      { from: 12 * hour, to: 13 * hour },
    ])
    expect(missingSpans([{ from: 10 * hour, to: 13 * hour }], at(10 * hour + 7), 8 * hour)).toEqual([])
  })

  test('are dropped when all of them is older than what is kept', () => {
    const spans = [
      { from: 0, to: hour },
      { from: hour, to: 2 * hour },
    ]
    expect(oldSpans(spans, at(9 * hour + 1), 8 * hour)).toEqual([{ from: 0, to: hour }])
  })

  test('whenever somebody looks, and however the setting changes, they never overlap and now has its own', () => {
    const looks = fc.array(
      fc.record({ after: fc.integer({ min: 0, max: 1e6 }), keep: fc.integer({ min: 60, max: 1e7 }) }),
      { minLength: 1, maxLength: 20 },
    )
    fc.assert(
      fc.property(looks, all => {
        let spans: Span[] = []
        let now = 1.7e9
        for (const { after, keep } of all) {
          now += after
          spans.push(...missingSpans(spans, at(now), keep))
          expect(spans.some(({ from, to }) => from <= now && now < to)).toBe(true)
          const sorted = spans.toSorted((one, other) => one.from - other.from)
          for (const [index, span] of sorted.entries())
            expect(span.from).toBeGreaterThanOrEqual(sorted[index - 1]?.to ?? 0)
          const old = new Set(oldSpans(spans, at(now), keep))
          spans = spans.filter(span => !old.has(span))
        }
      }),
    )
  })

  test('their names tell them, and other partitions are none', () => {
    const span = { from: 1_763_800_000, to: 1_763_900_000 }
    expect(spanOf(partitionName('finished_executions', span))).toEqual(span)
    expect(spanOf('finished_executions_rest')).toBe(null)
  })
})
