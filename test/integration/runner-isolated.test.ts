// Hostile functions in real children, behind walls, attack by attack: each gets nowhere and leaves nothing. What it saw is its
// result; what it left is looked for from outside, among all processes of the machine.
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import type { Exit } from '../../src/executions/outcome.ts'
import { isolationOfMachine } from '../support/builder.ts'
import { setup } from './runner-setup.ts'

const { bubblewrap, cgroups, lacks } = await isolationOfMachine()
const canary = 'a-secret-of-somebody-else'
const walled = (options: Parameters<typeof setup>[0] = {}) =>
  setup({ isolation: isolationOfMachine, ...options })

function resultOf(exit: Exit) {
  if (exit.kind !== 'returned') throw new Error(`it did not return: ${JSON.stringify(exit)}`)
  return JSON.parse(exit.result ?? 'null')
}

/** Processes of the machine, whoever's they are, with that in their command line. */
function running(mark: string): string[] {
  const pids = readdirSync('/proc').filter(name => /^\d+$/.test(name))
  const lines = pids.map(pid => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
    } catch {
      return ''
    }
  })
  return lines.filter(line => line.includes(mark))
}
/** The kernel ends a namespace a moment after its first process. */
const expectGone = (mark: string) =>
  vi.waitFor(() => expect(running(mark)).toEqual([]), { timeout: 60_000, interval: 50 })

/** Daemons in every way to leave a parent, deaf to signals; each has the mark in its command line. */
const daemons = (mark: string) => `
const code = 'process.on("SIGTERM", () => {}); process.on("SIGHUP", () => {}); setInterval(() => {}, 1000)'
const { spawn } = await import('node:child_process')
const detached = { detached: true, stdio: 'ignore' }
spawn(process.execPath, ['-e', code, '${mark}'], detached).unref()
spawn('setsid', ['sh', '-c', '(while :; do sleep 1; done) & exit', '${mark}'], detached).unref()
spawn('sh', ['-c', '(setsid sh -c "while :; do sleep 1; done" ${mark} &) & exit', '${mark}'], detached).unref()
await new Promise(done => setTimeout(done, 300))`

const reason = bubblewrap ? '' : ` (skipped: ${lacks.join('; ')})`

describe.runIf(bubblewrap)(`a function behind walls${reason}`, () => {
  test('finds nothing of ours: no environment, no data folder, no code of others', async () => {
    const { run, folder } = walled()
    const secrets = ['master-key', 'homes/other/secret', 'bundles/other/bundle.mjs', 'database/socket'].map(
      name => path.join(folder, name),
    )
    for (const file of secrets) {
      await mkdir(path.dirname(file), { recursive: true })
      await writeFile(file, canary)
    }
    await run('export default () => "code of another version"')
    const seen = resultOf(
      await run(
        `import fs from 'node:fs'
        const read = file => { try { return fs.readFileSync(file, 'latin1') } catch { return null } }
        const list = folder => { try { return fs.readdirSync(folder) } catch { return [] } }
        export default (folder, secrets) => ({
          environments: list('/proc').filter(name => /^\\d+$/.test(name)).map(pid => read('/proc/' + pid + '/environ') ?? ''),
          read: [...secrets, '/etc/shadow', '/root/.npmrc'].filter(file => read(file) !== null),
          folders: [list(folder), list(folder + '/bundles').length, list('/home'), list('/root'), list('/run'), list('/var')],
          home: list(process.env.HOME),
        })`,
        { args: [folder, secrets] },
      ),
    )
    const foreign = seen.environments.filter((text: string) => text !== '' && !text.includes('token of env1'))
    expect(foreign).toEqual([])
    expect(seen.environments.join()).not.toContain('VITEST')
    expect(seen.read).toEqual([])
    // Of the runner's folder: the program, and its own version's code.
    expect(seen.folders).toEqual([['bundles', 'program'], 1, [], [], [], []])
  })

  test('has the environment it was given, and no descriptors but its own', async () => {
    const seen = resultOf(
      await walled().run(`import fs from 'node:fs'
        const open = fs.readdirSync('/proc/self/fd').flatMap(fd => {
          try { return [[Number(fd), fs.readlinkSync('/proc/self/fd/' + fd)]] } catch { return [] }
        })
        export default () => ({ env: process.env, cwd: process.cwd(), open })`),
    )
    const { DEFER_TOKEN, ...others } = seen.env
    expect(DEFER_TOKEN).toBe('token of env1')
    expect(Object.keys(others).sort()).toEqual(['HOME', 'LANG', 'NODE_ENV', 'PATH', 'PWD', 'TMPDIR', 'TZ'])
    expect(others).toMatchObject({ HOME: '/tmp', TMPDIR: '/tmp', PWD: '/tmp' })
    expect(seen.cwd).toBe('/tmp')
    // Node's own are events, pipes and one more of /dev/null.
    const given = seen.open.filter(
      ([, to]: [number, string]) => !/^(anon_inode:|pipe:|\/dev\/null$)/.test(to),
    )
    expect(given.map(([fd]: [number]) => fd).sort()).toEqual([1, 2, 3, 4])
  })

  test('cannot change its code: the next attempt runs what was built', async () => {
    const { run } = walled()
    const exit = await run(`import fs from 'node:fs'
      import path from 'node:path'
      const own = process.argv[1]
      const tries = {
        write: () => fs.writeFileSync(own, 'export default () => "changed"'),
        mode: () => fs.chmodSync(own, 0o777),
        remove: () => fs.unlinkSync(own),
        beside: () => fs.writeFileSync(path.dirname(own) + '/more.mjs', ''),
        program: () => fs.unlinkSync(process.execPath),
        system: () => fs.writeFileSync('/etc/hosts', ''),
        root: () => fs.writeFileSync('/file', ''),
      }
      export default last => {
        const codes = Object.entries(tries).map(([name, attempt]) => {
          try { attempt(); return name + ' done' } catch (error) { return error.code }
        })
        if (last) setTimeout(() => process.exit(1))
        return last ? new Promise(() => {}) : codes
      }`)
    expect(new Set(resultOf(exit))).toEqual(new Set(['EROFS']))
  })

  test('and nor does a process of its version that comes after it find it changed', async () => {
    const { run } = walled()
    const code = `import fs from 'node:fs'
      export default exits => {
        try { fs.writeFileSync(process.argv[1], 'export default () => "changed"') } catch {}
        if (exits) process.exit(3)
        return 'original'
      }`
    expect(await run(code, { args: [true] })).toMatchObject({ kind: 'exited', code: 3 })
    expect(resultOf(await run(code, { args: [false] }))).toBe('original')
  })

  test('writes to a /tmp that no other process sees, and that has an end', async () => {
    const { run, folder } = walled()
    const name = `left-${randomUUID()}`
    const writing = `import fs from 'node:fs'
      export default name => { fs.writeFileSync('/tmp/' + name, 'x'); return fs.readdirSync('/tmp').includes(name) }`
    expect(resultOf(await run(writing, { args: [name] }))).toBe(true)
    const looking = `import fs from 'node:fs'
      export default name => fs.existsSync('/tmp/' + name)`
    expect(resultOf(await run(looking, { args: [name] }))).toBe(false)
    expect(readdirSync('/tmp')).not.toContain(name)
    const filling = `import fs from 'node:fs'
      const part = Buffer.alloc(64 * 1024 * 1024)
      export default () => {
        let parts = 0
        try { for (; parts < 100; parts++) fs.writeFileSync('/tmp/part-' + parts, part) } catch (error) { return [parts, error.code] }
      }`
    const [parts, code] = resultOf(await run(filling))
    expect(code).toBe('ENOSPC')
    expect(parts).toBeLessThanOrEqual(8)
    expect(readdirSync(folder)).not.toContain('homes')
  })

  test.each([
    ['at its time limit', { maxDurationMs: 5_000 }, 'for (;;) {}', { kind: 'timed_out' }],
    ['when it exits', {}, 'process.exit(4)', { kind: 'exited', code: 4 }],
    ['when it is killed', {}, 'process.kill(process.pid, "SIGKILL")', { kind: 'exited', signal: 'SIGKILL' }],
  ])('leaves no daemon %s', async (_, call, end, exit) => {
    const mark = `daemon-${randomUUID()}`
    const code = `export default async () => { ${daemons(mark)}\n${end}; await new Promise(() => {}) }`
    expect(await walled().run(code, call)).toMatchObject(exit)
    await expectGone(mark)
  })

  test('leaves no daemon when the runner stops', async () => {
    const { run, runner } = walled()
    const mark = `daemon-${randomUUID()}`
    const code = `export default async () => { ${daemons(mark)} }`
    expect((await run(code)).kind).toBe('returned')
    expect(running(mark)).not.toEqual([])
    await runner.stop()
    await expectGone(mark)
  })

  test('ends with a worker that is killed, also in an endless loop', async () => {
    const { folder } = walled()
    const code = 'export default () => { for (;;) {} }'
    const program = `
      import { createHash } from 'node:crypto'
      import { probeIsolation } from './src/isolation/probe.ts'
      import { createProcessRunner } from './src/runner/process.ts'
      const digestOf = text => createHash('sha256').update(text).digest('hex')
      const code = ${JSON.stringify(code)}
      const runner = createProcessRunner({
        artifacts: { get: async digest => Buffer.from(digest === digestOf(code) ? code : '{}') },
        folder: ${JSON.stringify(folder)}, concurrency: 1, environmentFor: () => ({}),
        isolation: () => probeIsolation(true, process.env.PATH), log: { debug() {} },
      })
      await runner.run([{ mayBegin: () => true, beginByMs: () => Infinity, ended() {}, signal: new AbortController().signal, attempt: {
        executionId: 'e', number: 1, environmentId: 'e', functionId: 'f', functionName: 'f', versionId: 'v',
        bundleDigest: digestOf(code), sourceMapDigest: digestOf('{}'), arguments: '[]', maxDurationMs: 600_000,
      } }])`
    const worker = spawn(process.execPath, ['--input-type=module', '-e', program], {
      cwd: path.resolve(import.meta.dirname, '../..'),
      stdio: 'inherit',
    })
    const entry = path.join(folder, 'bundles/')
    await vi.waitFor(() => expect(running(entry)).not.toEqual([]), { timeout: 120_000, interval: 50 })
    worker.kill('SIGKILL')
    await expectGone(entry)
  })

  test('is ended in the middle of its start', async () => {
    const { run, folder } = walled()
    const code = 'export default () => new Promise(() => {})'
    const ends = [0, 1, 2, 4, 8, 16, 32, 64].map(ms => run(code, { signal: AbortSignal.timeout(ms) }))
    for (const exit of await Promise.all(ends)) expect(exit).toEqual({ kind: 'stopped' })
    await expectGone(folder)
  })

  test('runs out of heap like any other', async () => {
    const exit = await walled({ memoryMb: 48 }).run(
      'export default () => { const all = []; for (;;) all.push(new Array(1000).fill({})) }',
    )
    expect(exit).toEqual({ kind: 'out_of_memory', memoryMb: 48 })
  })

  test('that throws has a stack with the paths of its repository', async () => {
    const exit = await walled().run('export default async function one() { throw new Error("no") }')
    expect(exit).toMatchObject({
      kind: 'threw',
      error: { stack: expect.stringMatching(/at one .*bundle\.mjs:1/) },
    })
    expect(JSON.stringify(exit)).not.toContain('/bundles/')
  })
})

describe.runIf(bubblewrap && cgroups)('a function in a control group', () => {
  test('that forks without end gets so many processes, and all of them end with it', async () => {
    const mark = `bomb-${randomUUID()}`
    const exit = await walled().run(`
      import { spawnSync } from 'node:child_process'
      export default () => {
        const script = 'n=0; while [ $n -lt 2000 ]; do sleep 1000 >/dev/null 2>&1 & n=$((n+1)); done'
        const { stderr } = spawnSync('sh', ['-c', script, '${mark}'], { timeout: 20000, killSignal: 'SIGKILL', encoding: 'utf8' })
        return stderr
      }`)
    expect(resultOf(exit)).toMatch(/fork/i)
    await expectGone(mark)
  })
})
