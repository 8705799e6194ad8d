import { describe, expect, test } from 'vitest'
import { changesNothing, diffFunctions } from '../../src/functions/diff.ts'
import { fingerprint } from '../../src/functions/manifest.ts'
import { decideRelease } from '../../src/functions/release-decision.ts'
import { chooseTarget } from '../../src/functions/rollback-target.ts'

const none = { added: [], changed: [], unchanged: [], archived: [], restored: [] }
const live = (
  name: string,
  print: string | null,
  archived: 'removed_from_code' | 'by_hand' | null = null,
) => ({
  name,
  fingerprint: print,
  archived,
})
const found = (name: string, print: string) => ({ name, fingerprint: print })

describe('diffFunctions', () => {
  test.each([
    ['a new name is added', [], [found('a', '1')], { ...none, added: ['a'] }],
    [
      'one that was only initialised is added too',
      [live('a', null)],
      [found('a', '1')],
      { ...none, added: ['a'] },
    ],
    ['other code is a change', [live('a', '1')], [found('a', '2')], { ...none, changed: ['a'] }],
    ['the same code is none', [live('a', '1')], [found('a', '1')], { ...none, unchanged: ['a'] }],
    ['one that is gone is archived', [live('a', '1')], [], { ...none, archived: ['a'] }],
    ['and only once', [live('a', '1', 'removed_from_code')], [], none],
    [
      'one that comes back is restored',
      [live('a', '1', 'removed_from_code')],
      [found('a', '2')],
      { ...none, restored: ['a'] },
    ],
    [
      'one archived by hand stays archived',
      [live('a', '1', 'by_hand')],
      [found('a', '1')],
      { ...none, unchanged: ['a'] },
    ],
    ['one never deployed is not archived', [live('a', null)], [], none],
  ])('%s', (_name, before, after, expected) => {
    expect(diffFunctions(before, after)).toEqual(expected)
  })

  test('names are in order and nothing changed is told', () => {
    const changes = diffFunctions([], [found('b', '1'), found('a', '1'), found('constructor', '1')])
    expect(changes.added).toEqual(['a', 'b', 'constructor'])
    expect(changesNothing(changes)).toBe(false)
    expect(changesNothing(diffFunctions([live('a', '1')], [found('a', '1')]))).toBe(true)
  })
})

describe('decideRelease', () => {
  const open = { kind: 'deploy', closed: false, pinned: false, activeNumber: 3, number: 4 } as const
  test.each([
    ['a newer build goes live', open, 'activate'],
    ['the first too', { ...open, activeNumber: null, number: 1 }, 'activate'],
    ['M34: an older one that finishes late does not', { ...open, number: 2 }, 'older'],
    ['a pin holds a push', { ...open, pinned: true }, 'pinned'],
    ['a rollback goes back', { ...open, kind: 'rollback', number: 1 } as const, 'activate'],
    ['also while pinned', { ...open, kind: 'rollback', number: 1, pinned: true } as const, 'activate'],
    [
      'nothing goes live in a closed environment',
      { ...open, closed: true, kind: 'rollback' } as const,
      'closed',
    ],
    ['a resume releases the same build again', { ...open, kind: 'resume', number: 3 } as const, 'activate'],
  ])('%s', (_name, situation, expected) => {
    expect(decideRelease(situation)).toBe(expected)
  })
})

describe('chooseTarget', () => {
  const candidates = [
    { number: 3, sha: 'ccccccc333' },
    { number: 2, sha: '2222222bbb' },
  ]
  test.each([
    ['left out, it is the one before', null, 3],
    ['a number names it', '2', 2],
    ['also as people write it', 'v2', 2],
    ['or as #2', '#2', 2],
    ['a commit names it', 'ccccccc', 3],
    ['a commit of digits only is a commit, when no number fits', '2222222', 2],
    ['a commit too short does not', 'ccc', null],
    ['an unknown number does not', '9', null],
    ['nor any other text', 'main; drop', null],
  ])('%s', (_name, to, number) => {
    expect(chooseTarget(candidates, to)?.number ?? null).toBe(number)
  })
})

describe('fingerprint', () => {
  const options = {
    cron: null,
    retry: {
      maxAttempts: 0,
      initialInterval: 30,
      randomizationFactor: 0.5,
      multiplier: 1.5,
      maxInterval: 600,
    },
    concurrency: null,
    maxDuration: null,
    maxConcurrencyAction: 'keep' as const,
  }
  const one = { name: 'a', file: 'defer/a.ts', bundleDigest: 'b', sourceMapDigest: 'm', options }

  test('code and options count, the file and its source map do not', () => {
    const print = fingerprint(one)
    expect(fingerprint({ ...one, file: 'defer/b.ts', sourceMapDigest: 'n' })).toBe(print)
    expect(fingerprint({ ...one, bundleDigest: 'c' })).not.toBe(print)
    expect(fingerprint({ ...one, codeDigest: 'b' })).toBe(print)
    expect(fingerprint({ ...one, codeDigest: 'd' })).not.toBe(print)
    expect(fingerprint({ ...one, codeDigest: 'd', bundleDigest: 'c' })).toBe(
      fingerprint({ ...one, codeDigest: 'd' }),
    )
    expect(fingerprint({ ...one, options: { ...options, cron: '* * * * *' } })).not.toBe(print)
    expect(fingerprint({ ...one, options: { ...options, concurrency: 1 } })).not.toBe(print)
    expect(fingerprint({ ...one, options: { ...options, maxDuration: 1 } })).not.toBe(print)
  })
})
