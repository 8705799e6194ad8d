import { describe, expect, onTestFinished, test } from 'vitest'
import { createBuildLog } from '../../src/builds/build-log.ts'
import type { LogLine } from '../../src/builds/store.ts'
import { createLog } from '../../src/log.ts'

function setup(limits?: { lines: number; characters: number }) {
  const stored: LogLine[][] = []
  const state = { down: false }
  const insert = async (lines: LogLine[]) => {
    if (state.down) throw new Error('database is gone')
    stored.push(lines)
  }
  const log = createBuildLog(insert, createLog('silent'), limits)
  onTestFinished(() => log.close().catch(() => {}))
  return { log, stored, state, lines: () => stored.flat().map(({ stage, line }) => `${stage}: ${line}`) }
}

describe('the log of a build', () => {
  test('keeps lines in order, each with its stage', async () => {
    const { log, lines } = setup()
    log.say('one')
    log.enter('installing')
    log.say('two\nthree')
    await log.close()
    expect(lines()).toEqual(['fetching: one', 'installing: two', 'installing: three'])
  })

  test('stores in batches of a hundred', async () => {
    const { log, stored } = setup()
    for (let index = 0; index < 250; index++) log.say(`${index}`)
    await log.close()
    expect(stored.map(batch => batch.length)).toEqual([100, 100, 50])
  })

  test('ends with one line that says so when it is full', async () => {
    const { log, lines } = setup({ lines: 3, characters: 1_000 })
    for (let index = 0; index < 10; index++) log.say(`${index}`)
    await log.close()
    expect(lines()).toEqual([
      'fetching: 0',
      'fetching: 1',
      'fetching: The log is full: what follows is not kept.',
    ])
  })

  test('is full too when its characters are used up', async () => {
    const { log, lines } = setup({ lines: 100, characters: 5 })
    log.say('abcd')
    log.say('efgh')
    log.say('i')
    await log.close()
    expect(lines()).toEqual(['fetching: abcd', 'fetching: The log is full: what follows is not kept.'])
  })

  test('lines that could not be stored are stored later, none twice', async () => {
    const { log, state, lines } = setup()
    state.down = true
    log.say('one')
    await expect(log.close()).rejects.toThrow('database is gone')
    state.down = false
    log.say('two')
    await log.close()
    expect(lines()).toEqual(['fetching: one', 'fetching: two'])
  })
})
