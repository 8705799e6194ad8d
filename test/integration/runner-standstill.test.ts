// A worker that stands still while its functions go on (RELIABILITY.md F17): they are ended beside it, also one that blocks its
// process, and the worker, when it goes on, knows that it was no failure of theirs. Before, they ran for as long as it stood.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { describe, expect, onTestFinished, test } from 'vitest'
import { searchPathOf } from '../../src/builds/processes/machine.ts'
import { probeIsolation } from '../../src/isolation/probe.ts'
import { until } from './executions-setup.ts'
import { isRunning } from './runner-setup.ts'

const pace = { everyMs: 200, times: 5 }
const { leash } = await probeIsolation(false, searchPathOf())

/** A worker process that runs this function, says how it ended, and lives on. */
function startWorker(body: string) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'sluice-standstill-'))
  const file = path.join(folder, 'pid')
  const code = `import fs from "node:fs"; export default async file => { fs.writeFileSync(file, String(process.pid)); ${body} }`
  const program = `
    import { createHash } from 'node:crypto'
    import { probeIsolation } from './src/isolation/probe.ts'
    import { createProcessRunner } from './src/runner/process.ts'
    const digestOf = text => createHash('sha256').update(text).digest('hex')
    const code = ${JSON.stringify(code)}
    const runner = createProcessRunner({
      artifacts: { get: async digest => Buffer.from(digest === digestOf(code) ? code : '{}') },
      folder: ${JSON.stringify(folder)}, concurrency: 1, environmentFor: () => ({}), standstill: ${JSON.stringify(pace)},
      isolation: () => probeIsolation(false, process.env.PATH), log: { debug() {} },
    })
    const attempt = {
      executionId: 'e', number: 1, environmentId: 'e', functionId: 'f', functionName: 'f', versionId: 'v',
      bundleDigest: digestOf(code), sourceMapDigest: digestOf('{}'),
      arguments: JSON.stringify([${JSON.stringify(file)}]), maxDurationMs: 600_000,
    }
    await runner.run([{ mayBegin: () => true, beginByMs: () => Infinity, signal: new AbortController().signal, attempt,
      ended: exit => console.log(JSON.stringify(exit)) }])
    await runner.stop()
    console.log('stopped')`
  const worker = spawn(process.execPath, ['--input-type=module', '-e', program], {
    cwd: path.resolve(import.meta.dirname, '../..'),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => {
    worker.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })
  const lines = createInterface({ input: worker.stdout })[Symbol.asyncIterator]()
  return {
    worker,
    pid: () => until(async () => existsSync(file) && Number(readFileSync(file, 'utf8'))),
    says: async () => String((await lines.next()).value),
  }
}

describe.skipIf(leash.length === 0)('a worker that stands still', () => {
  test.each([
    ['waits', 'await new Promise(resolve => setTimeout(resolve, 600_000))'],
    ['blocks its process', 'for (;;) {}'],
  ])('a function that %s is ended beside it, and has not failed', async (_, body) => {
    const { worker, pid, says } = startWorker(body)
    const child = await pid()
    worker.kill('SIGSTOP')
    // A killed child of a stopped process stays, as what its parent has not asked for yet.
    await until(async () => !isRunning(child) || isZombie(child))
    worker.kill('SIGCONT')
    expect(JSON.parse(await says())).toEqual({ kind: 'unavailable', message: 'Its worker stood still.' })
    expect(await says()).toBe('stopped')
  })

  test('one that goes on in time finds its function as it was', async () => {
    const { worker, pid, says } = startWorker('await new Promise(resolve => setTimeout(resolve, 3_000))')
    await pid()
    worker.kill('SIGSTOP')
    worker.kill('SIGCONT')
    expect(JSON.parse(await says())).toEqual({ kind: 'returned', result: null })
  })
})

function isZombie(pid: number): boolean {
  try {
    return /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return true
  }
}
