// Signals at any moment (RELIABILITY.md F15): the program ends, in order where it had begun, and starts again on what it left.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkout, removeData } from '../../sandbox/demo/server.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'sluice-signals-'))
})
afterAll(async () => {
  await removeData(path.join(folder, 'data'))
  await rm(folder, { recursive: true, force: true })
})

function startProgram(...args: string[]): ChildProcess {
  const { PATH, HOME } = process.env
  return spawn(process.execPath, [path.join(checkout, 'bin/sluice.js'), ...args], {
    env: { PATH, HOME, SLUICE_DATA: path.join(folder, 'data'), PORT: '0', LOG_LEVEL: 'info' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

/** Once it has said that; at once where nothing is waited for. */
function said(program: ChildProcess, text: string | null): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  let out = ''
  for (const stream of [program.stdout, program.stderr])
    stream?.on('data', chunk => {
      out += chunk
      if (text !== null && out.includes(text)) resolve()
    })
  if (text === null) resolve()
  return promise
}

function endOf(program: ChildProcess): Promise<number | NodeJS.Signals | null> {
  return new Promise(resolve => program.once('exit', (code, signal) => resolve(code ?? signal)))
}

describe('a signal', () => {
  test.each<[string, NodeJS.Signals, string | null]>([
    ['before it can be heard', 'SIGTERM', null],
    ['at the first word', 'SIGTERM', '{'],
    ['when it is up', 'SIGTERM', 'Sluice is up at'],
    ['from the keyboard', 'SIGINT', 'Sluice is up at'],
  ])('%s ends it', async (_, signal, moment) => {
    const program = startProgram('start')
    const ended = endOf(program)
    await said(program, moment)
    program.kill(signal)
    expect([0, signal]).toContain(await ended)
    expect(moment === null || (await ended) === 0).toBe(true)
  })

  test('in the middle of a migration leaves one that goes on where it can', async () => {
    const program = startProgram('migrate')
    const ended = endOf(program)
    program.kill('SIGINT')
    await ended
    expect(await endOf(startProgram('migrate'))).toBe(0)
  })

  test('a second one ends it at once, and the next start finds all in order', async () => {
    const program = startProgram('start')
    const ended = endOf(program)
    await said(program, 'Sluice is up at')
    program.kill('SIGTERM')
    program.kill('SIGINT')
    expect([0, 130]).toContain(await ended)
    const next = startProgram('start')
    await said(next, 'Sluice is up at')
    const nextEnded = endOf(next)
    next.kill('SIGTERM')
    expect(await nextEnded).toBe(0)
  })
})
