// Which process a call gets: one that is warm, one that was started ahead of its version, or a new one because the old is worn.
import { describe, expect, test } from 'vitest'
import type { Exit } from '../../src/executions/outcome.ts'
import { isRunning, setup } from './runner-setup.ts'

const returned = (exit: Exit) => (exit.kind === 'returned' ? JSON.parse(exit.result ?? 'null') : exit)
const code = (version: number) =>
  `const loaded = Date.now(); export default () => [process.pid, loaded, ${version}]`
const gone = (pid: number) => expect.poll(() => isRunning(pid), { timeout: 30_000 }).toBe(false)

async function place(options: Parameters<typeof setup>[0] = {}) {
  const here = setup(options)
  const sourceMapDigest = await here.artifacts.put(Buffer.from('{"version":3,"sources":[],"mappings":""}'))
  return {
    ...here,
    async warm(text: string) {
      const bundleDigest = await here.artifacts.put(Buffer.from(text))
      const version = { environmentId: 'env1', functionId: 'f1', versionId: bundleDigest }
      return here.runner.warm({ ...version, bundleDigest, sourceMapDigest })
    },
  }
}

describe('a version that is warmed', () => {
  test('has its process before its first call, and loses it to no call of the version before it', async () => {
    const { run, warm } = await place()
    const old = returned(await run(code(1)))
    expect(await warm(code(2))).toBe(true)
    const warmedBefore = Date.now()
    expect(returned(await run(code(1)))).toEqual(old)
    const first = returned(await run(code(2)))
    expect(first[2]).toBe(2)
    expect(first[1]).toBeLessThanOrEqual(warmedBefore)
    await gone(old[0])
    expect(returned(await run(code(2)))).toEqual(first)
  })

  test('is used like any other from its first call on: one of another version ends it', async () => {
    const { run, warm } = await place()
    await warm(code(2))
    const [pid] = returned(await run(code(2)))
    await run(code(3))
    await gone(pid)
  })

  test('finds the variables of now', async () => {
    const state = { word: 'old' }
    const { run, warm } = await place({ environmentFor: () => ({ WORD: state.word }) })
    const text = 'export default () => process.env.WORD'
    await warm(text)
    state.word = 'new'
    expect(returned(await run(text))).toBe('new')
  })

  test('no more than half of what is kept at once', async () => {
    const { warm } = await place({ concurrency: 4 })
    const all = await Promise.all([1, 2, 3, 4].map(version => warm(code(version))))
    expect(all).toEqual([true, true, false, false])
  })

  test('whose code cannot be loaded is not: its call tells why', async () => {
    const { run, warm } = await place()
    const broken = 'throw new Error("at the top")'
    expect(await warm(broken)).toBe(false)
    expect(await warm('process.exit(3)')).toBe(false)
    expect(await run(broken)).toMatchObject({ kind: 'threw', error: { message: 'at the top' } })
  })
})

test('a process that holds a quarter of its memory runs no other call', async () => {
  const { run } = setup()
  const text = `const held = []
    export default mb => { held.push(Buffer.alloc(mb * 1024 * 1024, 1)); return process.pid }`
  const first = returned(await run(text, { args: [600] }))
  // It is measured once a second at most.
  const next = async () => returned(await run(text, { args: [1] }))
  await expect.poll(next, { timeout: 20_000 }).not.toBe(first)
})
