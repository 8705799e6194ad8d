import { describe, expect, test } from 'vitest'
import { noticeMs, type Preview, planPreviews } from '../../src/builds/previews/life.ts'

const now = new Date('2026-03-01T12:00:00Z')
const ago = (hours: number) => new Date(now.getTime() - hours * 3_600_000)
const preview = (id: string, hours: number, evictAt: Date | null = null): Preview => ({
  ...{ id, pushedAt: ago(hours), evictAt },
})
const rules = { ttlSeconds: 7 * 86_400, limit: 2 }
const plan = (...previews: Preview[]) => planPreviews(previews, rules, now)

describe('previews', () => {
  test('that were pushed to and are few stay as they are', () => {
    expect(plan(preview('a', 1), preview('b', 167))).toEqual([])
  })

  test('without a push for as long as they may stay are closed', () => {
    expect(plan(preview('a', 1), preview('b', 168))).toMatchObject([
      { id: 'b', step: 'close', because: 'expired' },
    ])
  })

  test('that are too many: the one without a push for longest is told first', () => {
    const evictAt = new Date(now.getTime() + noticeMs)
    expect(plan(preview('a', 1), preview('b', 30), preview('c', 2))).toEqual([
      { id: 'b', step: 'announce', evictAt },
    ])
  })

  test('that were told are closed when their hour has passed, and not before', () => {
    const told = (evictAt: Date) => plan(preview('a', 1), preview('b', 30, evictAt), preview('c', 2))
    expect(told(new Date(now.getTime() + 1))).toEqual([])
    expect(told(now)).toMatchObject([{ id: 'b', step: 'close', because: 'evicted' }])
  })

  test('that were told and are not too many any more stay', () => {
    expect(plan(preview('a', 1), preview('b', 30, now))).toEqual([{ id: 'b', step: 'keep' }])
  })

  test('one that is expired takes no other’s place', () => {
    expect(plan(preview('a', 1), preview('b', 2), preview('c', 200))).toMatchObject([
      { id: 'c', step: 'close', because: 'expired' },
    ])
  })
})
