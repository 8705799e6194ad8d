// Attempts in real child processes: every way to end one, and what is left afterwards. Without walls, where processes have the
// numbers that we know them by; runner-isolated.test.ts has what walls change.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Exit } from '../../src/executions/outcome.ts'
import { until } from './executions-setup.ts'
import { isRunning, setup } from './runner-setup.ts'

const pidOf = 'export default async function one() { return process.pid }'
const pidIn = (exit: Exit) => (exit.kind === 'returned' ? Number(exit.result) : Number.NaN)

describe('an attempt that answers', () => {
  test.each([
    ['a value', 'return { sum: a + b }', '{"sum":3}'],
    ['nothing', '', null],
    ['null', 'return null', 'null'],
    ['a date, by its toJSON', 'return new Date(0)', '"1970-01-01T00:00:00.000Z"'],
  ])('returns %s', async (_, body, result) => {
    const { run } = setup()
    const exit = await run(`export default async function one(a, b) { ${body} }`, { args: [1, 2] })
    expect(exit).toEqual({ kind: 'returned', result })
  })

  test.each([
    [
      'a Defer function',
      'const fn = async () => 7; fn; const d = async () => 0; d.__fn = fn; export default d',
    ],
    ['a CommonJS bundle in an ES module', 'export default { default: async () => 7 }'],
    ['a function that is not async', 'export default () => 7'],
  ])('runs %s', async (_, code) => {
    expect(await setup().run(code)).toEqual({ kind: 'returned', result: '7' })
  })

  test('sees an environment of its own and nothing of ours', async () => {
    const { run } = setup()
    const exit = await run(
      'import fs from "node:fs"; export default () => ({ env: process.env, cwd: process.cwd(), args: process.argv.length, send: typeof process.send, fds: fs.readdirSync("/proc/self/fd").length })',
    )
    const seen = exit.kind === 'returned' ? JSON.parse(exit.result ?? '') : exit
    expect(Object.keys(seen.env).sort()).toEqual([
      'DEFER_TOKEN',
      'HOME',
      'LANG',
      'NODE_ENV',
      'PATH',
      'PWD',
      'TMPDIR',
      'TZ',
    ])
    expect(seen.env).toMatchObject({ DEFER_TOKEN: 'token of env1', TZ: 'UTC', NODE_ENV: 'production' })
    expect(seen).toMatchObject({ cwd: seen.env.HOME, args: 2, send: 'undefined' })
  })
})

test('a changed variable counts for the next attempt: a warm process that has the old ones is ended', async () => {
  const state = { word: 'old' }
  const { run } = setup({
    environmentFor: () => ({ WORD: state.word, TZ: 'not ours to change', PATH: '/evil' }),
  })
  const code =
    'export default () => [process.env.WORD, process.env.TZ, process.env.PATH.includes("/evil"), process.pid]'
  const seen = async () => {
    const exit = await run(code)
    return exit.kind === 'returned' ? JSON.parse(exit.result ?? '') : exit
  }
  const [word, zone, evil, first] = await seen()
  expect([word, zone, evil]).toEqual(['old', 'UTC', false])
  expect(await seen()).toEqual(['old', 'UTC', false, first])
  state.word = 'new'
  const [changed, , , second] = await seen()
  expect(changed).toBe('new')
  expect(second).not.toBe(first)
  await expect.poll(() => isRunning(first), { timeout: 30_000 }).toBe(false)
})

describe('an attempt that throws', () => {
  test('gives name, message, cause and a stack without our frames', async () => {
    const exit = await setup().run(
      'class NoStock extends Error { name = "NoStock" }\nexport default async function one() {\n  throw new NoStock("none left", { cause: new TypeError("why") })\n}',
    )
    expect(exit).toMatchObject({
      kind: 'threw',
      error: { name: 'NoStock', message: 'none left', cause: { name: 'TypeError', message: 'why' } },
    })
    const stack = exit.kind === 'threw' ? (exit.error.stack ?? '') : ''
    expect(stack).toMatch(/NoStock: none left\n\s+at one .*bundle\.mjs:3/)
    expect(stack).not.toMatch(/child-|node:internal/)
  })

  test.each([
    ['a string', 'throw "no"', 'no'],
    ['an object with a message', 'throw { message: "no" }', 'no'],
    ['nothing', 'throw undefined', 'undefined'],
    [
      'something that cannot be described',
      'throw { get message() { throw new Error() } }',
      'cannot be described',
    ],
    ['at its load', '} throw new Error("at the top"); {', 'at the top'],
  ])('gives a message also for %s', async (_, body, message) => {
    const exit = await setup().run(`export default async function one() { ${body} }`)
    expect(exit).toMatchObject({ kind: 'threw', error: { message: expect.stringContaining(message) } })
  })

  test('fails with the path of what JSON cannot hold', async () => {
    const exit = await setup().run('export default () => ({ rows: [{ id: 1n }] })')
    expect(exit).toMatchObject({
      kind: 'threw',
      error: {
        name: 'ResultNotSerializableError',
        message: expect.stringContaining('result.rows[0].id is a BigInt'),
      },
    })
  })

  test('is followed by the next in the same process', async () => {
    const { run } = setup()
    const code =
      'let calls = 0; export default () => { if (++calls === 1) throw new Error("first"); return calls }'
    expect(await run(code)).toMatchObject({ kind: 'threw' })
    expect(await run(code)).toEqual({ kind: 'returned', result: '2' })
  })
})

describe('an attempt whose process ends', () => {
  test.each([
    ['process.exit(7)', 'process.exit(7)', { code: 7, signal: null }],
    ['process.exit(0)', 'process.exit(0)', { code: 0, signal: null }],
    [
      'a kill',
      'process.kill(process.pid, "SIGKILL"); await new Promise(() => {})',
      { code: null, signal: 'SIGKILL' },
    ],
  ])('by %s is seen at once', async (_, body, end) => {
    const exit = await setup().run(`export default async function one() { ${body} }`)
    expect(exit).toMatchObject({ kind: 'exited', ...end })
  })

  test('by an error outside the call tells its last output', async () => {
    const exit = await setup().run(
      'export default () => new Promise(() => setTimeout(() => { throw new Error("in a timer") }))',
    )
    expect(exit).toMatchObject({ kind: 'exited', code: 1, stderr: expect.stringContaining('in a timer') })
  })

  test('by closing its channel: it could never answer', async () => {
    const exit = await setup().run(
      'import fs from "node:fs"; export default () => new Promise(() => fs.closeSync(3))',
    )
    expect(exit).toMatchObject({ kind: 'exited' })
  })

  test('out of memory', async () => {
    const { run } = setup({ memoryMb: 48 })
    const exit = await run(
      'export default () => { const all = []; for (;;) all.push(new Array(1000).fill({})) }',
    )
    expect(exit).toEqual({ kind: 'out_of_memory', memoryMb: 48 })
  })

  test('does not wait for a descendant that holds its pipes, and leaves none', async () => {
    const { run } = setup()
    const exit = await run(`
      import { spawn } from 'node:child_process'
      export default () => {
        const child = spawn('sleep', ['60'], { stdio: 'inherit' })
        process.stderr.write('pid ' + child.pid + ' ')
        setTimeout(() => process.exit(3), 50)
        return new Promise(() => {})
      }`)
    expect(exit).toMatchObject({ kind: 'exited', code: 3 })
    const pid = exit.kind === 'exited' ? Number(/pid (\d+)/.exec(exit.stderr)?.[1]) : Number.NaN
    expect(pid).toBeGreaterThan(0)
    await until(async () => !isRunning(pid))
  })
})

describe('an attempt that is ended', () => {
  test.each([
    ['a loop', 'for (;;) {}'],
    ['a promise that never settles', 'return new Promise(() => {})'],
  ])('at its time limit: %s', async (_, body) => {
    const exit = await setup().run(`export default () => { ${body} }`, { maxDurationMs: 300 })
    expect(exit).toEqual({ kind: 'timed_out', maxDurationMs: 300 })
  })

  test('by the signal, before its start or in the middle of a loop', async () => {
    const { run } = setup()
    expect(await run(pidOf, { signal: AbortSignal.abort() })).toEqual({ kind: 'stopped' })
    const exit = await run('export default () => { for (;;) {} }', { signal: AbortSignal.timeout(200) })
    expect(exit).toEqual({ kind: 'stopped' })
  })
})

describe('warm processes', () => {
  test('one version uses its process again, another has its own and ends the first', async () => {
    const { run } = setup()
    const first = pidIn(await run(pidOf))
    expect(pidIn(await run(pidOf))).toBe(first)
    const second = pidIn(await run(`${pidOf} // 2`))
    expect(second).not.toBe(first)
    await until(async () => !isRunning(first))
  })

  test('two calls at once have two processes', async () => {
    const { run } = setup()
    const code =
      'export default async () => { await new Promise(r => setTimeout(r, 100)); return process.pid }'
    const [a, b] = await Promise.all([run(code), run(code)])
    expect(pidIn(a)).not.toBe(pidIn(b))
  })

  test('an idle one ends after a while; stopping ends the rest and removes their folders', async () => {
    const { run, folder, runner } = setup({ idleMs: 50 })
    const pid = pidIn(await run(pidOf))
    await until(async () => !isRunning(pid))
    await run(pidOf)
    await runner.stop()
    expect(readdirSync(path.join(folder, 'homes'))).toEqual([])
  })

  test('what one writes without end costs nothing and ends nothing', async () => {
    const code =
      'export default () => { for (let i = 0; i < 2000; i++) console.log("x".repeat(10000)); return "done" }'
    expect(await setup().run(code)).toEqual({ kind: 'returned', result: '"done"' })
  })
})

describe('an attempt that cannot be made', () => {
  test('without its artifact it is not the function that failed', async () => {
    const { run, artifacts } = setup()
    const get = artifacts.get
    artifacts.get = () => Promise.reject(new Error('the store is away'))
    expect(await run(pidOf)).toEqual({ kind: 'unavailable', message: 'the store is away' })
    artifacts.get = get
    expect((await run(pidOf)).kind).toBe('returned')
  })

  test('with another content than its digest says', async () => {
    const { run, artifacts } = setup()
    artifacts.get = async () => Buffer.from('export default () => "forged"')
    expect(await run(pidOf)).toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining('digest'),
    })
  })
})

describe('a worker that is killed', () => {
  test('takes its children along, also one in an endless loop', async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'sluice-runner-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const code =
      'import fs from "node:fs"; export default file => { fs.writeFileSync(file, String(process.pid)); for (;;) {} }'
    const file = path.join(folder, 'pid')
    const program = `
      import { createHash } from 'node:crypto'
      import { probeIsolation } from './src/isolation/probe.ts'
      import { createProcessRunner } from './src/runner/process.ts'
      const digestOf = text => createHash('sha256').update(text).digest('hex')
      const code = ${JSON.stringify(code)}
      const runner = createProcessRunner({
        artifacts: { get: async digest => Buffer.from(digest === digestOf(code) ? code : '{}') },
        folder: ${JSON.stringify(folder)}, concurrency: 1, environmentFor: () => ({}),
        isolation: () => probeIsolation(false, process.env.PATH), log: { debug() {} },
      })
      await runner.run([{ mayBegin: () => true, beginByMs: () => Infinity, ended() {}, signal: new AbortController().signal, attempt: {
        executionId: 'e', number: 1, environmentId: 'e', functionId: 'f', functionName: 'f', versionId: 'v',
        bundleDigest: digestOf(code), sourceMapDigest: digestOf('{}'),
        arguments: JSON.stringify([${JSON.stringify(file)}]), maxDurationMs: 60_000,
      } }])`
    const worker = spawn(process.execPath, ['--input-type=module', '-e', program], {
      cwd: path.resolve(import.meta.dirname, '../..'),
      stdio: 'inherit',
    })
    const pid = await until(async () => existsSync(file) && Number(readFileSync(file, 'utf8')))
    expect(isRunning(pid)).toBe(true)
    worker.kill('SIGKILL')
    await until(async () => !isRunning(pid))
  })
})
