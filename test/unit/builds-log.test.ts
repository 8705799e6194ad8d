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

  test('keeps its head and its tail, and says between them how much is left out', async () => {
    const { log, lines } = setup({ lines: 4, characters: 1_000 })
    for (let index = 0; index < 10; index++) log.say(`${index}`)
    log.enter('installing')
    log.say('last')
    await log.close()
    expect(lines()).toEqual([
      'fetching: 0',
      'fetching: 1',
      'fetching: … 7 lines (0.0 MB) left out here …',
      'fetching: 9',
      'installing: last',
    ])
  })

  test('counts characters as well as lines', async () => {
    const { log, lines } = setup({ lines: 100, characters: 10 })
    for (const text of ['abcd', 'efgh', 'ijkl', 'm']) log.say(text)
    await log.close()
    expect(lines()).toEqual([
      'fetching: abcd',
      'fetching: … 1 lines (0.0 MB) left out here …',
      'fetching: ijkl',
      'fetching: m',
    ])
  })

  test('leaves nothing out as long as all fits', async () => {
    const { log, lines } = setup({ lines: 4, characters: 1_000 })
    for (const text of ['1', '2', '3', '4']) log.say(text)
    await log.close()
    expect(lines()).toEqual(['fetching: 1', 'fetching: 2', 'fetching: 3', 'fetching: 4'])
  })

  test('a line larger than all of the tail leaves no trace but its count', async () => {
    const { log, lines } = setup({ lines: 10, characters: 10 })
    for (const text of ['12345', '123456', '1']) log.say(text)
    await log.close()
    expect(lines().slice(1)).toEqual(['fetching: … 1 lines (0.0 MB) left out here …', 'fetching: 1'])
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
