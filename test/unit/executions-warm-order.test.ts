// Which processes a worker starts before a switch, and in which order.
import { describe, expect, test } from 'vitest'
import { inOrder, latelyMs, type Use, usedAgain } from '../../src/executions/warm-order.ts'
import { inParts, WarmRequest } from '../../src/functions/warm-channels.ts'

const version = (functionId: string) => ({
  environmentId: 'e',
  functionId,
  versionId: `${functionId} 2`,
  bundleDigest: 'b',
  sourceMapDigest: 's',
})
const names = (uses: Record<string, Use>, nowMs: number) =>
  inOrder(Object.keys(uses).map(version), new Map(Object.entries(uses)), nowMs).map(one => one.functionId)

const rested: Use = { atMs: 0, atOnce: 0, begun: 1 }

describe('before a switch', () => {
  test('the function that began most often comes first, each once before any comes twice', () => {
    const uses = {
      rare: rested,
      busy: { ...rested, begun: 50, atOnce: 5 },
      slow: { ...rested, begun: 3, atOnce: 2 },
    }
    expect(names(uses, 1)).toEqual(['busy', 'slow', 'rare', 'busy', 'slow', 'busy'])
  })

  test('what did not run lately, or never here, gets none', () => {
    expect(names({ old: rested }, latelyMs)).toEqual([])
    expect(names({ long: { ...rested, atOnce: 1 } }, 10 * latelyMs)).toEqual(['long'])
    expect(inOrder([version('elsewhere')], new Map(), 0)).toEqual([])
  })

  test('what was busy once gives way to what is busy now', () => {
    const again = (times: number, atMs: number, use?: Use): Use | undefined =>
      times === 0 ? use : again(times - 1, atMs, { ...usedAgain(use, atMs), atOnce: 0 })
    const minutes = latelyMs * 5
    const before = again(1, minutes, again(100, 0)) ?? rested
    const now = again(10, minutes) ?? rested
    expect(names({ before, now }, minutes)).toEqual(['now', 'before'])
  })
})

test('as many functions as there are go out in parts that notifications can carry', () => {
  const all = Array.from({ length: 45 }, (_, index) => version(`00000000-0000-4000-8000-${index}`))
  const parts = inParts('request', all)
  expect(parts.flatMap(part => part.versions)).toEqual(all)
  expect(parts.map(part => part.isLast)).toEqual([false, false, true])
  expect(WarmRequest.parse({ request: 'of a Sluice before this one', versions: [] }).isLast).toBe(true)
})
