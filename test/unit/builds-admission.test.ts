import { describe, expect, test } from 'vitest'
import { admitBuild, endsFailure, type Known, standingBuild } from '../../src/builds/admission/admission.ts'

const build = (number: number, sha: string, finished: boolean): Known => ({
  id: `id-${number}`,
  sha,
  number,
  state: finished ? 'succeeded' : 'compiling',
})

test("what was promoted is none of the branch's commits, but takes a number", () => {
  const promoted = { ...build(3, 'z', true), promoted: true }
  const known = [promoted, build(2, 'b', true), build(1, 'a', true)]
  const asked = { again: false, sameAs: null }
  expect(admitBuild(known, { ...asked, sha: 'b' })).toEqual({ kind: 'known', buildId: 'id-2', supersede: [] })
  expect(admitBuild(known, { ...asked, sha: 'z' })).toEqual({ kind: 'build', number: 4, supersede: [] })
  expect(admitBuild([promoted], { ...asked, sha: 'z', again: true })).toMatchObject({ number: 4 })
})

describe('admitBuild', () => {
  test.each([
    ['the first commit is built', [], 'a', false, { kind: 'build', number: 1, supersede: [] }],
    [
      'a repeated delivery finds the build that is under way',
      [build(1, 'a', false)],
      'a',
      false,
      { kind: 'known', buildId: 'id-1', supersede: [] },
    ],
    [
      'and the one that is finished',
      [build(1, 'a', true)],
      'a',
      false,
      { kind: 'known', buildId: 'id-1', supersede: [] },
    ],
    [
      'a newer commit supersedes what is under way',
      [build(2, 'b', false), build(1, 'a', false)],
      'c',
      false,
      { kind: 'build', number: 3, supersede: ['id-2', 'id-1'] },
    ],
    [
      'a forced push back to an older commit is a new build',
      [build(2, 'b', true), build(1, 'a', true)],
      'a',
      false,
      { kind: 'build', number: 3, supersede: [] },
    ],
    [
      'a re-run of the newest commit builds it again',
      [build(1, 'a', true)],
      'a',
      true,
      { kind: 'build', number: 2, supersede: [] },
    ],
    [
      'but not while it is being built',
      [build(1, 'a', false)],
      'a',
      true,
      { kind: 'known', buildId: 'id-1', supersede: [] },
    ],
    [
      'a re-run of an older commit never goes over the newer one',
      [build(2, 'b', true), build(1, 'a', true)],
      'a',
      true,
      { kind: 'known', buildId: 'id-2', supersede: [] },
    ],
  ])('%s', (_name, builds, sha, again, expected) => {
    expect(admitBuild(builds, { sha, again, sameAs: null })).toEqual(expected)
  })

  test.each([
    [
      'a commit of the same content is not built',
      [build(1, 'a', true)],
      'b',
      false,
      { kind: 'unchanged', number: 2, sameAs: 'id-1', supersede: [] },
    ],
    [
      'a revert to what stands overtakes the build under way',
      [build(2, 'b', false), build(1, 'a', true)],
      'c',
      false,
      { kind: 'unchanged', number: 3, sameAs: 'id-1', supersede: ['id-2'] },
    ],
    [
      'its delivery may be repeated',
      [build(1, 'a', true)],
      'a',
      false,
      { kind: 'known', buildId: 'id-1', supersede: [] },
    ],
    [
      'who asks to build it again gets a build',
      [build(1, 'a', true)],
      'a',
      true,
      { kind: 'build', number: 2, supersede: [] },
    ],
  ])('%s', (_name, builds, sha, again, expected) => {
    expect(admitBuild(builds, { sha, again, sameAs: 'id-1' })).toEqual(expected)
  })
})

describe('standingBuild', () => {
  const newest = { id: 'one', contentDigest: 'x' }
  const live = { digest: 'x', activeBuildId: 'one', pinned: false }

  test.each([
    ['what is live and made of the same stands', newest, live, 'one'],
    ['what is made of something else does not', newest, { ...live, digest: 'y' }, null],
    ['nor without a digest', { ...newest, contentDigest: null }, { ...live, digest: null }, null],
    ['nor where nothing was built', null, live, null],
    ['nor what never went live', newest, { ...live, activeBuildId: 'other' }, null],
    ['unless a pin holds it back', newest, { ...live, activeBuildId: 'other', pinned: true }, 'one'],
  ])('%s', (_name, build, now, expected) => {
    expect(standingBuild(build, now)).toBe(expected)
  })
})

describe('endsFailure', () => {
  const known = (...states: Known['state'][]) =>
    states.map((state, index) => ({ ...build(states.length - index, 'a', true), state }))

  test.each([
    ['after a failure', known('failed', 'succeeded'), true],
    ['after one whose successors were given up', known('superseded', 'cancelled', 'failed'), true],
    ['not after a success', known('succeeded', 'failed'), false],
    ['not after a commit that set it right already', known('unchanged', 'failed', 'succeeded'), false],
    ['not at the beginning', known(), false],
  ])('%s', (_name, builds, expected) => {
    expect(endsFailure(builds)).toBe(expected)
  })
})
