import { describe, expect, test } from 'vitest'
import { defaultRepositoryFile, parseRepositoryFile } from '../../src/environments/repository-file.ts'
import {
  headsOf,
  isTooMany,
  type Known,
  type KnownEnvironment,
  keyOfPull,
  movedBranches,
  movedPulls,
  type OpenPull,
  previewsWithoutPull,
} from '../../src/github/missed/heads.ts'

const since = new Date('2026-01-01T00:00:00Z')
const later = new Date('2026-01-02T00:00:00Z')
const earlier = new Date('2025-12-31T00:00:00Z')
const environment = (said: Partial<KnownEnvironment> = {}): KnownEnvironment => ({
  ...{ id: 'e', name: 'production', branch: 'main', pullNumber: null, open: true, closedWithPull: false },
  ...{ newestSha: 'a', ...said },
})
const preview = (said: Partial<KnownEnvironment> = {}) =>
  environment({ name: 'pr-7', branch: 'topic', pullNumber: 7, ...said })
const known = (said: Partial<Known> & { built?: string[] } = {}): Known => ({
  ...{ file: defaultRepositoryFile, defaultBranch: 'main', since, heads: {}, environments: [] },
  isBuilt: (_id, sha) => said.built?.includes(sha) ?? false,
  ...said,
})
const pull = (said: Partial<OpenPull> = {}): OpenPull => ({
  ...{ number: 7, sha: 'a', fromFork: false, createdAt: later, updatedAt: later, ...said },
})
const branches = (state: Known, name: string, sha: string) => {
  const { sync, ask } = movedBranches(state, [{ name, sha }])
  return sync.length > 0 ? 'sync' : ask.length > 0 ? 'ask' : null
}
const pulls = (state: Known, one: OpenPull) => {
  const { sync, ask } = movedPulls(state, [one])
  return sync.length > 0 ? 'sync' : ask.length > 0 ? 'ask' : null
}

describe('a branch', () => {
  test.each<[string, Known, string, string, 'sync' | 'ask' | null]>([
    ['whose head is its newest build', known({ environments: [environment()] }), 'main', 'a', null],
    ['whose head was never built', known({ environments: [environment()] }), 'main', 'b', 'sync'],
    [
      'whose head was built, and an older one deployed over it by hand',
      known({ environments: [environment()], built: ['b'] }),
      ...['main', 'b', null],
    ],
    [
      'that stands where it stood, whatever was deployed since',
      known({ environments: [environment({ newestSha: 'x' })], heads: { main: 'a' } }),
      ...['main', 'a', null],
    ],
    [
      'put back to a commit built long ago',
      known({ environments: [environment({ newestSha: 'b' })], heads: { main: 'b' } }),
      ...['main', 'a', 'sync'],
    ],
    ['without an environment, never seen before', known(), 'main', 'a', 'ask'],
    [
      'without an environment, that moved since it was seen',
      known({ heads: { main: 'a' } }),
      'main',
      'b',
      'sync',
    ],
    ['that lands nowhere', known(), 'topic', 'a', null],
    ['called like a method of objects', known({ defaultBranch: 'constructor' }), 'constructor', 'a', 'ask'],
    [
      'that the environment did not have before, as after a rename',
      known({ environments: [environment({ branch: 'master' })] }),
      ...['main', 'a', 'sync'],
    ],
  ] as [string, Known, string, string, 'sync' | 'ask' | null][])(
    '%s',
    (_name, state, name, sha, expected) => {
      expect(branches(state, name, sha)).toBe(expected)
    },
  )

  test('of a pattern is compared with its own environment, not with one of the same name', () => {
    const parsed = parseRepositoryFile('environments: { qa: { branch: "feature/*" } }')
    if (!('file' in parsed)) throw new Error('the file is wrong')
    const other = environment({ id: 'o', name: 'feature-x', branch: 'feature/X' })
    const state = known({ file: parsed.file, environments: [other] })
    expect(branches(state, 'feature/x', 'a')).toBe('ask')
  })

  test('is remembered where it lands somewhere, pull requests all', () => {
    const all = [
      { name: 'main', sha: 'a' },
      { name: 'topic', sha: 'b' },
    ]
    expect(headsOf(known(), all, [pull()])).toEqual({ main: 'a', 'pull 7': 'a' })
  })
})

describe('a pull request', () => {
  test.each<[string, Known, OpenPull, 'sync' | 'ask' | null]>([
    ['whose head is built', known({ environments: [preview()] }), pull(), null],
    ['whose head is not built', known({ environments: [preview()] }), pull({ sha: 'b' }), 'sync'],
    ['opened since we know the repository', known(), pull(), 'sync'],
    ['opened before and touched since', known(), pull({ createdAt: earlier }), 'ask'],
    ['opened before and left alone', known(), pull({ createdAt: earlier, updatedAt: earlier }), null],
    ['seen before, of which no preview came', known({ heads: { [keyOfPull(7)]: 'a' } }), pull(), null],
    [
      'opened again, whose preview is closed',
      known({ environments: [preview({ open: false, closedWithPull: true })], heads: { 'pull 7': 'a' } }),
      ...[pull(), 'sync'],
    ],
    [
      'whose preview was closed for want of pushes',
      known({ environments: [preview({ open: false })] }),
      ...[pull(), null],
    ],
    [
      'pushed to, whose preview was closed for want of pushes',
      known({ environments: [preview({ open: false })] }),
      ...[pull({ sha: 'b' }), 'sync'],
    ],
  ] as [string, Known, OpenPull, 'sync' | 'ask' | null][])('%s', (_name, state, one, expected) => {
    expect(pulls(state, one)).toBe(expected)
  })

  test('that is not open any more is what an open preview is without', () => {
    const closed = preview({ pullNumber: 8, open: false })
    const state = { environments: [preview(), preview({ pullNumber: 9 }), closed, environment()] }
    expect(previewsWithoutPull(state, [pull({ number: 9 })])).toEqual([7])
  })
})

test.each([
  [5, 5, false],
  [6, 6, true],
  [6, 20, false],
  [7, 20, true],
  [30, 100, false],
  [31, 100, true],
])('M47: %d of %d at once is too many: %s', (going, all, expected) => {
  expect(isTooMany(going, all)).toBe(expected)
})
