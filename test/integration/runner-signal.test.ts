// How a function learns that it is to end, and what it can make of that: told first, ended by force after its grace, at once
// where nobody in it listens. What it saw it writes to a file, because its end says nothing of it.
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { until } from './executions-setup.ts'
import { setup } from './runner-setup.ts'

const listening = `
import fs from 'node:fs'
const signal = () => globalThis[Symbol.for('sluice.signal')]
const write = (file, value) => { fs.writeFileSync(file + '.tmp', JSON.stringify(value)); fs.renameSync(file + '.tmp', file) }
const aborted = () => new Promise(resolve => signal().addEventListener('abort', resolve, { once: true }))
const seen = () => { const { name, cause } = signal().reason; return [name, cause, signal().reason instanceof Error] }
`
const plain = (body: string) => `${listening} export default async file => { if (file) { ${body} } }`
const defer = (body: string) =>
  `${listening} const fn = async file => { if (file) { ${body} } }; const call = async () => 0; call.__fn = fn; export default call`

/** A call that is under way, and the file it writes to. */
async function begin(code: string, call: { maxDurationMs?: number; graceMs?: number } = {}) {
  const { run, runner, folder } = setup()
  const file = path.join(folder, 'seen')
  const controller = new AbortController()
  await run(code) // from here on there is a process that has loaded it
  const exit = run(code, { args: [file], signal: controller.signal, ...call })
  const read = async () => existsSync(file) && JSON.parse(readFileSync(file, 'utf8'))
  return { run, runner, file, controller, exit, wrote: () => until(read) }
}

const longMs = 1_000_000

describe('a function that listens', () => {
  test.each([
    ['a plain one', plain],
    ['a Defer one', defer],
  ])('is told that it was cancelled, and has a moment: %s', async (_, wrap) => {
    const { controller, exit, wrote, file } = await begin(
      wrap(
        'const told = aborted(); write(file, "begun"); await told; await new Promise(done => setTimeout(done, 20)); write(file + 2, seen())',
      ),
    )
    await wrote()
    controller.abort('aborted')
    expect(await exit).toEqual({ kind: 'stopped' })
    expect(JSON.parse(readFileSync(`${file}2`, 'utf8'))).toEqual(['AbortError', 'cancelled', true])
  })

  test('is told that its time is over; that it ended orderly then changes nothing of it', async () => {
    const { exit, wrote } = await begin(plain('await aborted(); write(file, seen()); return "done"'), {
      maxDurationMs: 300,
      graceMs: longMs,
    })
    expect(await exit).toEqual({ kind: 'timed_out', maxDurationMs: 300 })
    expect(await wrote()).toEqual(['TimeoutError', 'timed_out', true])
  })

  test.each([
    ['goes on', 'await aborted(); write(file, Date.now()); return new Promise(() => {})'],
    ['is in a loop', 'signal(); write(file, Date.now()); for (;;) {}'],
  ])('and %s is ended when its grace is over, not before', async (_, body) => {
    const { exit } = await begin(plain(body), { maxDurationMs: 400, graceMs: 500 })
    const fromMs = performance.now()
    expect(await exit).toEqual({ kind: 'timed_out', maxDurationMs: 400 })
    expect(performance.now() - fromMs).toBeGreaterThanOrEqual(890)
  })

  test('is ended at once for any other reason: its lease was lost', async () => {
    const { controller, exit, wrote } = await begin(
      plain('const told = aborted(); write(file, "begun"); await told; await new Promise(() => {})'),
    )
    await wrote()
    controller.abort('lease_lost')
    expect(await exit).toEqual({ kind: 'stopped' })
  })
})

test('one that does not listen has no grace', async () => {
  const forever = 'export default file => file && new Promise(() => {})'
  const { exit } = await begin(forever, { maxDurationMs: 300, graceMs: longMs })
  expect(await exit).toEqual({ kind: 'timed_out', maxDurationMs: 300 })
})

describe('a warning', () => {
  const goes = (end: string) => plain(`const told = aborted(); write(file, "begun"); await told; ${end}`)

  test('ends nothing: what is returned after it counts', async () => {
    const { runner, exit, wrote } = await begin(goes('return seen()'))
    await wrote()
    runner.warn('draining', 'another environment')
    runner.warn('shutting_down')
    expect(await exit).toEqual({ kind: 'returned', result: '["AbortError","shutting_down",true]' })
  })

  test('makes a failure of one that listens none of its own', async () => {
    const { runner, exit, wrote } = await begin(goes('throw signal().reason'))
    await wrote()
    runner.warn('draining', 'env1')
    expect(await exit).toEqual({ kind: 'stopped' })
  })

  test('changes nothing for one that does not listen', async () => {
    const { runner, exit, wrote, file } = await begin(
      plain(
        'write(file, "begun"); while (!fs.existsSync(file + 2)) await new Promise(done => setTimeout(done, 5)); throw new TypeError("no")',
      ),
    )
    await wrote()
    runner.warn('shutting_down')
    const { writeFileSync } = await import('node:fs')
    writeFileSync(`${file}2`, '')
    expect(await exit).toMatchObject({ kind: 'threw', error: { name: 'TypeError' } })
  })

  test('to all reaches what begins later', async () => {
    const { runner, run, file } = await begin(plain('return 1'))
    runner.warn('shutting_down')
    const code = plain('if (!signal().aborted) await aborted(); return seen()')
    expect(await run(code, { args: [file] })).toMatchObject({ result: expect.stringContaining('shutting') })
  })
})

test('the signal is the call’s: nothing outside of one, the same within, and no other call’s afterwards', async () => {
  const { run } = setup()
  const code = `const signal = () => globalThis[Symbol.for('sluice.signal')]
    const atLoad = signal() === undefined
    let first
    export default async (...args) => {
      const own = signal()
      await null
      first ??= own
      return [atLoad, own === signal(), own === first, own.aborted, args, process.pid]
    }`
  const call = async (args: unknown[]) => {
    const exit = await run(code, { args })
    return exit.kind === 'returned' ? JSON.parse(exit.result ?? '') : exit
  }
  const [one, two] = [await call([1, 2]), await call([])]
  expect(one.slice(0, 5)).toEqual([true, true, true, false, [1, 2]])
  expect(two).toEqual([true, true, false, false, [], one[5]])
})
