import { describe, expect, test } from 'vitest'
import { isFinished, next, statesBefore } from '../../src/builds/states.ts'
import { buildStates } from '../../src/db/schema/columns.ts'

describe('the states of a build', () => {
  test('are those the database allows', () => {
    expect(Object.keys(next)).toEqual([...buildStates])
  })

  test('finished ones are left by nobody', () => {
    expect(buildStates.filter(isFinished)).toEqual([
      'succeeded',
      'failed',
      'cancelled',
      'superseded',
      'unchanged',
    ])
  })

  test.each(buildStates.filter(state => !isFinished(state)))(
    '%s can begin again, fail, or be no longer wanted',
    state => {
      expect(next[state]).toEqual(expect.arrayContaining(['fetching', 'failed', 'cancelled', 'superseded']))
    },
  )

  test('success is reached from publishing alone', () => {
    expect(statesBefore('succeeded')).toEqual(['publishing'])
  })

  test('code is generated only between install and compilation', () => {
    expect(statesBefore('generating')).toEqual(['installing'])
    expect(statesBefore('compiling')).toEqual(['installing', 'generating'])
  })
})
