// Functions that do what RELIABILITY.md lists as F19 to F36, and what becomes of each. Only for processes behind walls: some kill
// whatever they can reach.
import type { Exit } from '../../src/executions/outcome.ts'

export interface Hostile {
  fault: string
  code: string
  ends: Exit['kind'][]
  maxDurationMs?: number
}

const soonMs = 4_000
const forever = 'await new Promise(() => {})'
const fn = (body: string, imports = '') => `${imports}\nexport default async mark => { ${body} }`
/** Outside of a namespace of its own no process has so small a number. */
const walled = 'if (process.pid > 200) throw new Error("no walls")'

export function hostileFunctions(hasGroups: boolean): Hostile[] {
  return [
    { fault: 'F19 loops', code: fn('for (;;) {}'), ends: ['timed_out'], maxDurationMs: soonMs },
    {
      fault: 'F20 fills its heap',
      code: fn('const all = []; for (;;) all.push(new Array(1000).fill({}))'),
      ends: ['out_of_memory'],
    },
    {
      fault: 'F21 fills memory beside its heap',
      code: fn(
        'const all = []; for (let i = 0; i < 40; i++) all.push(Buffer.alloc(64 * 1024 * 1024, 1)); return all.length',
      ),
      ends: hasGroups ? ['out_of_memory', 'threw'] : ['out_of_memory', 'threw', 'exited'],
    },
    { fault: 'F22 exits before its result', code: fn('process.exit(0)'), ends: ['exited'] },
    {
      fault: 'F23 crashes right after its result',
      code: fn('process.nextTick(() => process.abort()); return 1'),
      ends: ['exited'],
    },
    {
      fault: 'F24 rejects and nobody handles it',
      code: fn(`Promise.reject(new Error('no')); ${forever}`),
      ends: ['exited'],
    },
    {
      fault: 'F24 throws in a timer',
      code: fn(`setTimeout(() => { throw new Error('no') }); ${forever}`),
      ends: ['exited'],
    },
    {
      fault: 'F25 returns what JSON cannot hold',
      code: fn('return new Map([[1n, Symbol()]])'),
      ends: ['threw'],
    },
    {
      fault: 'F26 returns 100 MB',
      code: fn("return 'x'.repeat(100 * 1024 * 1024)"),
      ends: ['threw', 'out_of_memory'],
    },
    {
      fault: 'F26 returns 5,000 levels',
      code: fn('let deep = []; for (let i = 0; i < 5000; i++) deep = [deep]; return deep'),
      ends: ['threw'],
    },
    {
      fault: 'F27 floods its output',
      code: fn("for (;;) console.log('x'.repeat(1000))"),
      ends: ['timed_out'],
      maxDurationMs: soonMs,
    },
    {
      fault: 'F28 writes no text',
      code: fn(
        'process.stdout.write(Buffer.alloc(1_000_000)); process.stderr.write("\\u001b]0;x"); console.log("\\0\\ud800")',
      ),
      ends: ['returned'],
    },
    {
      fault: 'F29 leaves its outputs to another',
      code: fn(
        "spawn('sleep', ['1000', mark], { stdio: 'inherit' }); process.exit(3)",
        "import { spawn } from 'node:child_process'",
      ),
      ends: ['exited'],
    },
    {
      fault: 'F30 starts daemons',
      code: fn(
        "spawn('setsid', ['sh', '-c', '(while :; do sleep 1; done) & exit', mark], { detached: true, stdio: 'ignore' }).unref(); return 1",
        "import { spawn } from 'node:child_process'",
      ),
      ends: ['returned'],
    },
    {
      fault: 'F31 ignores signals',
      code: fn("for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(name, () => {}); for (;;) {}"),
      ends: ['timed_out'],
      maxDurationMs: soonMs,
    },
    ...(hasGroups
      ? [
          {
            fault: 'F32 forks without end',
            code: fn(
              "spawnSync('sh', ['-c', 'n=0; while [ $n -lt 1000 ]; do sleep 1000 >/dev/null 2>&1 & n=$((n+1)); done', mark], { timeout: 5000, killSignal: 'SIGKILL' }); return 1",
              "import { spawnSync } from 'node:child_process'",
            ),
            ends: ['returned' as const],
          },
        ]
      : []),
    {
      fault: 'F33 opens files without end, and writes one of a gigabyte',
      code: fn(
        `const codes = new Set()
        try { for (;;) fs.openSync('/dev/null') } catch (error) { codes.add(error.code) }
        for (let fd = 100; fd < 200; fd++) try { fs.closeSync(fd) } catch {}
        const part = Buffer.alloc(16 * 1024 * 1024)
        try { for (let i = 0; i < 64; i++) fs.appendFileSync('/tmp/large', part) } catch (error) { codes.add(error.code) }
        return [...codes]`,
        "import fs from 'node:fs'",
      ),
      ends: ['returned', 'out_of_memory', 'exited'],
    },
    {
      fault: 'F34 kills all it can reach',
      code: fn(`${walled}; process.kill(-1, 'SIGKILL'); ${forever}`),
      ends: ['threw', 'exited'],
    },
    {
      fault: 'F34 kills what stands above it',
      code: fn(
        `${walled}; for (const pid of [process.ppid, 1]) try { process.kill(pid, 'SIGKILL') } catch {}\nreturn 1`,
      ),
      ends: ['returned', 'exited'],
    },
    {
      fault: 'F35 kills itself',
      code: fn(`process.kill(process.pid, 'SIGKILL'); ${forever}`),
      ends: ['exited'],
    },
    {
      fault: 'F36 blocks and is healthy',
      code: fn('for (const until = Date.now() + 3000; Date.now() < until; );return 1'),
      ends: ['returned'],
    },
  ]
}
