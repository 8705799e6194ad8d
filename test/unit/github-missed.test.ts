import { describe, expect, test } from 'vitest'
import { nextOf } from '../../src/github/client/conditional.ts'
import { type Attempt, lookFrom, missedOf } from '../../src/github/missed/missed.ts'

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 12, minute))
let ids = 0
const sent = (guid: string, minute: number, said: Partial<Attempt> = {}): Attempt => ({
  ...{ id: ++ids, guid, deliveredAt: at(minute), redelivery: false, ok: false, event: 'push', action: null },
  ...said,
})
const isHeard = (event: string) => event === 'push'
const missed = (...attempts: Attempt[]) => missedOf(attempts, isHeard).map(({ guid }) => guid)

describe('what was missed', () => {
  test('is what no attempt brought, oldest first', () => {
    expect(missed(sent('c', 3), sent('b', 2, { ok: true }), sent('a', 1))).toEqual(['a', 'c'])
  })

  test('is not what a later attempt brought', () => {
    expect(missed(sent('a', 5, { redelivery: true, ok: true }), sent('a', 1))).toEqual([])
  })

  test('is not what nobody listens to', () => {
    expect(missed(sent('a', 1, { event: 'star' }))).toEqual([])
  })

  test('is known by its newest attempt, and by whether it was sent again already', () => {
    const [first, again] = [sent('a', 1), sent('a', 2, { redelivery: true })]
    expect(missedOf([again, first], isHeard)).toEqual([
      { guid: 'a', id: again.id, deliveredAt: at(1), wasSentAgain: true },
    ])
    expect(missedOf([first], isHeard)).toMatchObject([{ id: first.id, wasSentAgain: false }])
  })
})

test('a round looks a little further back than the last one, and three days at most', () => {
  const day = 86_400_000
  expect(lookFrom(null, at(0), 0)).toEqual(new Date(at(0).getTime() - 3 * day))
  expect(lookFrom(at(0), at(9), 60_000)).toEqual(new Date(at(0).getTime() - 60_000))
  expect(lookFrom(new Date(at(0).getTime() - 9 * day), at(0), 0)).toEqual(new Date(at(0).getTime() - 3 * day))
})

test.each([
  ['<https://x/a?cursor=v1_2&b={c}>; rel="next"', 'https://x/a?cursor=v1_2&b={c}'],
  ['<https://x/a?page=1>; rel="prev", <https://x/a?page=3>; rel="next"', 'https://x/a?page=3'],
  ['<https://x/a?page=1>; rel="first"', null],
  [undefined, null],
])('the next page of %s', (link, next) => {
  expect(nextOf(link)).toBe(next)
})
