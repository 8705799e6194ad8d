import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chooseEvicted, protectedMs } from '../../src/builds/installing/install-eviction.ts'

const now = new Date('2026-01-02T12:00:00Z')
const entry = (key: string, bytes: number, hoursAgo: number) => ({
  key,
  bytes,
  usedAt: new Date(now.getTime() - hoursAgo * 3_600_000),
})

describe('which installs make room', () => {
  test('none, while all fit', () => {
    expect(chooseEvicted([entry('a', 50, 9), entry('b', 50, 99)], now, 100)).toEqual([])
  })

  test('those used least recently, and no more than needed', () => {
    const entries = [entry('new', 40, 2), entry('oldest', 40, 30), entry('old', 40, 20)]
    expect(chooseEvicted(entries, now, 100)).toEqual(['oldest'])
    expect(chooseEvicted(entries, now, 79)).toEqual(['oldest', 'old'])
  })

  test('none that was used within the hour, although they do not fit', () => {
    expect(chooseEvicted([entry('a', 90, 0.5), entry('b', 90, 0.99), entry('c', 1, 1)], now, 10)).toEqual([
      'c',
    ])
  })

  test('afterwards the rest fits, or is in use', () => {
    const entries = fc.array(
      fc.record({ bytes: fc.nat(1_000), hoursAgo: fc.double({ min: 0, max: 9, noNaN: true }) }),
    )
    fc.assert(
      fc.property(entries, fc.nat(5_000), (list, maxBytes) => {
        const all = list.map(({ bytes, hoursAgo }, index) => entry(`${index}`, bytes, hoursAgo))
        const evicted = new Set(chooseEvicted(all, now, maxBytes))
        const rest = all.filter(({ key }) => !evicted.has(key))
        const isInUse = ({ usedAt }: { usedAt: Date }) => now.getTime() - usedAt.getTime() < protectedMs
        const size = rest.reduce((sum, { bytes }) => sum + bytes, 0)
        expect(size <= maxBytes || rest.every(isInUse)).toBe(true)
        expect(all.filter(({ key }) => evicted.has(key)).some(isInUse)).toBe(false)
      }),
    )
  })
})
