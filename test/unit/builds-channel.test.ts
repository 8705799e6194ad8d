import { describe, expect, test } from 'vitest'
import { assignBuild, queueOf } from '../../src/builds/channel.ts'

const stable = { own: 'stable', others: ['canary', 'next'] }
const canary = { own: 'canary', others: [] }
const failedOn = { channel: 'canary', version: '2.0.0', code: 'compile_failed' }

describe('the stable builder', () => {
  test('builds what is for it, and what another one gave back', () => {
    expect(assignBuild('stable', stable, null)).toEqual({ kind: 'here' })
    expect(assignBuild('canary', stable, failedOn)).toEqual({ kind: 'here' })
    expect(assignBuild('gone', { own: 'stable', others: [] }, failedOn)).toEqual({ kind: 'here' })
  })

  test('passes on what is for one that the operator has', () => {
    expect(assignBuild('canary', stable, null)).toEqual({ kind: 'pass', to: 'canary' })
  })

  test('refuses what is for nobody, and says whom there is', () => {
    expect(assignBuild('nightly', stable, null)).toMatchObject({
      failure: {
        code: 'builder_unknown',
        message: expect.stringMatching(/"nightly".*"stable" or "canary" or "next".*SLUICE_BUILDERS/),
      },
    })
  })
})

test('another builder builds its own alone; what is for others by now goes back', () => {
  expect(assignBuild('canary', canary, null)).toEqual({ kind: 'here' })
  expect(assignBuild('stable', canary, null)).toEqual({ kind: 'pass', to: 'stable' })
  expect(assignBuild('next', canary, null)).toEqual({ kind: 'pass', to: 'stable' })
})

test('each has a queue of its own', () => {
  expect(queueOf('stable')).toBe('build')
  expect(queueOf('canary')).toBe('build-canary')
})
