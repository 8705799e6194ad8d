import { describe, expect, test } from 'vitest'
import { admitBuild, type Known } from '../../src/builds/admission.ts'

const build = (number: number, sha: string, finished: boolean): Known => ({
  id: `id-${number}`,
  sha,
  number,
  finished,
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
    expect(admitBuild(builds, sha, again)).toEqual(expected)
  })
})
