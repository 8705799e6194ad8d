// What functions say, from real processes to the lines that are kept: told by level and call, whole up to its cap, storable.
import { describe, expect, test } from 'vitest'
import type { AttemptLines, LogLine } from '../../src/executions/ports.ts'
import { until } from './executions-setup.ts'
import { type Call, setup } from './runner-setup.ts'

/** Runs code and waits for what was kept of it: `last` is in its last line. */
function place() {
  const kept: AttemptLines[] = []
  const here = setup({ keepLog: lines => void kept.push(lines) })
  const lines = (number = 1) => kept.filter(one => one.attempt === number).flatMap(one => one.lines)
  async function said(code: string, call: Call = {}): Promise<LogLine[]> {
    const exit = await here.run(code, call)
    // What is written by other ways than console is read when it is read.
    return until(async () => {
      const all = lines(call.number)
      return all.length > 0 && (exit.kind === 'returned' || exit.kind === 'exited') && all
    })
  }
  return { ...here, said, lines, kept }
}
const pairs = (lines: LogLine[]) => lines.map(({ level, text }) => [level, text])

describe('console', () => {
  test('gives lines with their level and time, in order', async () => {
    const fromMs = Date.now()
    const lines = await place().said(`export default () => {
      console.debug('a', 1); console.log('b', { c: [2] }); console.info('d'); console.warn('e %s', 'f'); console.error(new Error('g').message)
    }`)
    expect(pairs(lines)).toEqual([
      ['debug', 'a 1'],
      ['log', 'b { c: [ 2 ] }'],
      ['info', 'd'],
      ['warn', 'e f'],
      ['error', 'g'],
    ])
    for (const { atMs } of lines) expect(atMs).toBeGreaterThanOrEqual(fromMs - 1)
  })

  test('does so by its other methods, and where it is imported', async () => {
    const lines = await place().said(`import other from 'node:console'
      export default () => { console.group('in'); console.log('deep'); console.groupEnd(); console.table([1]); other.warn('same'); console.assert(false, 'no') }`)
    expect(pairs(lines)).toEqual([
      ['log', 'in'],
      ['log', '  deep'],
      ['log', expect.stringContaining('(index)')],
      ['warn', 'same'],
      ['warn', 'Assertion failed: no'],
    ])
  })

  test('of a process that dies loses nothing, and the reason is a line', async () => {
    const lines = await place().said(`export default () => {
      for (let i = 0; i < 5000; i++) console.log(i)
      setImmediate(() => { throw new Error('at last') })
      return new Promise(() => {})
    }`)
    expect(lines.slice(0, 5_000).map(line => Number(line.text))).toEqual(
      Array.from({ length: 5_000 }, (_, i) => i),
    )
    expect(pairs(lines)[5_000]).toEqual(['error', 'Error: at last'])
  })

  test('of a process that is killed at its time limit is kept', async () => {
    const { run, lines } = place()
    const code = 'export default () => { console.log("before"); for (;;) {} }'
    expect((await run(code, { maxDurationMs: 2_000 })).kind).toBe('timed_out')
    expect(pairs(lines())).toEqual([['log', 'before']])
  })

  test('says nothing for another call than the one that called it', async () => {
    const { said, run, lines, kept } = place()
    const code = `import net from 'node:net'
      let socket
      export default async (number) => {
        console.log('call', number)
        if (number === 1) void (async () => { for (let i = 0; i < 200; i++) { await new Promise(done => process.nextTick(done)); await null }; late() })()
        async function late() { for (;;) { await new Promise(done => queueMicrotask(done)); console.log('late'); break } }
      }`
    await said(code, { args: [1], number: 1 })
    await run(code, { args: [2], number: 2 })
    expect(lines(2).map(line => line.text)).toEqual(['call 2'])
    expect(kept.length).toBeGreaterThan(0)
  })
})

describe('other output', () => {
  test('is lines too, of both streams and of programs', async () => {
    const { run, lines } = place()
    await run(`import { execFileSync } from 'node:child_process'
      export default async () => {
        process.stdout.write('one\\ntwo\\n')
        process.stderr.write('three\\n')
        execFileSync('echo', ['four'], { stdio: 'inherit' })
        await new Promise(done => setTimeout(done, 50))
      }`)
    await until(async () => lines().length >= 4)
    expect(pairs(lines()).sort()).toEqual(
      [
        ['error', 'three'],
        ['log', 'four'],
        ['log', 'one'],
        ['log', 'two'],
      ].sort((a, b) => (`${a}` < `${b}` ? -1 : 1)),
    )
  })

  test.each([
    ['NUL and other controls', 'a\\u0000b\\u0007c\\rd', 'abcd'],
    ['colours', '\\u001b[31mred\\u001b[0m', 'red'],
    ['a link', '\\u001b]8;;http://evil\\u0007here\\u001b]8;;\\u0007', 'here'],
    ['half a pair', 'a\\ud800b', 'a\ufffdb'],
    ['markup', '<img onerror=x>', '<img onerror=x>'],
  ])('is stored without what cannot be shown: %s', async (_, text, stored) => {
    const lines = await place().said(`export default () => console.log("${text}")`)
    expect(pairs(lines)).toEqual([['log', stored]])
  })

  test('that is no UTF-8 has its bytes replaced', async () => {
    const { run, lines } = place()
    await run(
      'export default () => new Promise(done => process.stdout.write(Buffer.from([0x61, 0xff, 0x0a]), () => setTimeout(done, 50)))',
    )
    await until(async () => lines().length > 0)
    expect(pairs(lines())).toEqual([['log', 'a\ufffd']])
  })

  test('in one line of 1.5 MB is several, and all of it is there', async () => {
    const lines = await place().said('export default () => console.log("x".repeat(1_500_000))')
    expect(lines.map(line => line.text).join('')).toBe('x'.repeat(1_500_000))
  })
})

describe('a flood', () => {
  test.each([
    ['by console', 'console.log(i, text)', 8_000],
    [
      'on the output',
      'process.stdout.write(i + " " + text + "\\n") || await new Promise(done => process.stdout.once("drain", done))',
      8_000,
    ],
  ])('%s is kept at its two ends, with what was dropped', async (_, write, amount) => {
    const { run, lines } = place()
    const exit = await run(`const text = 'x'.repeat(1000)
      export default async () => { for (let i = 0; i < ${amount}; i++) { ${write} } await new Promise(done => setTimeout(done, 100)) }`)
    expect(exit.kind).toBe('returned')
    const all = lines()
    const bytes = all.reduce((sum, line) => sum + line.text.length, 0)
    expect(bytes).toBeLessThan(2.1 * 1024 * 1024)
    expect(bytes).toBeGreaterThan(1.9 * 1024 * 1024)
    const at = all.findIndex(line => line.level === 'warn')
    const dropped = Number(/^(\d+) lines/.exec(all[at]?.text ?? '')?.[1])
    expect(all.length - 1 + dropped).toBe(amount)
    expect(all[0]?.text).toMatch(/^0 x/)
    expect(all.at(-1)?.text).toMatch(new RegExp(`^${amount - 1} x`))
  })

  test('without an end ends with the function', async () => {
    const { run, lines } = place()
    const code = 'export default () => { for (;;) console.log("x".repeat(100)) }'
    expect((await run(code, { maxDurationMs: 3_000 })).kind).toBe('timed_out')
    expect(lines().reduce((sum, line) => sum + line.text.length, 0)).toBeLessThan(2.1 * 1024 * 1024)
  })
})

test('garbage where lines are expected is no line, and harms nothing', async () => {
  const { run, lines } = place()
  const code = `import fs from 'node:fs'
    export default () => { try { fs.writeSync(4, 'garbage that is no frame') } catch {} console.log('after'); return 1 }`
  expect(await run(code)).toEqual({ kind: 'returned', result: '1' })
  expect(await run(code)).toEqual({ kind: 'returned', result: '1' })
  expect(lines().filter(line => line.text.includes('garbage'))).toEqual([])
})

describe('S71: what a process was given', () => {
  const secret = 'sk_live_4eC39HqLyjWDarjtT1zdp7dc'
  function withSecret() {
    const kept: AttemptLines[] = []
    const here = setup({
      environmentFor: () => ({
        API_KEY: secret,
        DEFER_TOKEN: 'slr_a token',
        DEFER_ENDPOINT: 'http://sluice',
      }),
      keepLog: lines => void kept.push(lines),
    })
    const texts = () => kept.flatMap(({ lines }) => lines.map(line => line.text))
    return { ...here, texts }
  }

  test('is not in what it prints, in whatever pieces and forms', async () => {
    const { run, texts } = withSecret()
    const exit = await run(`export default async () => {
      const { API_KEY: key, DEFER_TOKEN: token, DEFER_ENDPOINT: url, NODE_ENV: where } = process.env
      console.log('as it is', key, token, url, where)
      console.error({ key }, Buffer.from('me:' + key).toString('base64'))
      console.log('x'.repeat(32 * 1024 - 15) + key + ' behind')
      await new Promise(resolve => process.stdout.write('in two ' + key.slice(0, 10), resolve))
      process.stdout.write(key.slice(10) + ' pieces\\n')
      return key
    }`)
    expect(exit).toEqual({ kind: 'returned', result: JSON.stringify(secret) })
    const all = await until(async () => texts().some(text => text.includes('pieces')) && texts())
    expect(all[0]).toBe('as it is *** *** http://sluice production')
    expect(all).toContain('in two *** pieces')
    expect(all).toContain('*** behind')
    const shown = all.join('\n')
    for (const part of [
      secret.slice(0, 8),
      secret.slice(-8),
      Buffer.from(secret).toString('base64').slice(4, 20),
    ])
      expect(shown).not.toContain(part)
  })

  test('is not in what it throws, nor in what it dies with', async () => {
    const { run } = withSecret()
    const threw = await run(`export default () => {
      const key = process.env.API_KEY
      throw new Error('no access with ' + key, { cause: { header: ['Bearer ' + key] } })
    }`)
    expect(threw).toMatchObject({ kind: 'threw', error: { message: 'no access with ***' } })
    expect(JSON.stringify(threw)).not.toContain(secret)
    const died = await run(`export default () => {
      process.stderr.write('giving up with ' + process.env.API_KEY, () => process.exit(3))
      return new Promise(() => {})
    }`)
    expect(died).toMatchObject({ kind: 'exited', stderr: expect.stringContaining('giving up with ***') })
  })
})
