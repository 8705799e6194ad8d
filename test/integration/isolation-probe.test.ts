// What the probe finds on this machine, tried: the best level must hold, and the lesser ones must do what they promise.
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { searchPathOf } from '../../src/builds/processes/machine.ts'
import { findCgroups } from '../../src/isolation/cgroups.ts'
import { findIsolation } from '../../src/isolation/find-isolation.ts'
import { levelOf } from '../../src/isolation/isolation.ts'
import { endMarked, findMarked } from '../../src/isolation/marked.ts'
import { createLog } from '../../src/log.ts'
import { isolationOfMachine } from '../support/builder.ts'

const log = createLog('silent')
const { bubblewrap } = await isolationOfMachine()
const cgroups = findCgroups()

async function folder(): Promise<string> {
  const made = await mkdtemp(path.join(os.tmpdir(), 'sluice-isolation-'))
  onTestFinished(() => rm(made, { recursive: true, force: true }))
  return made
}

/** A bwrap that does as it is told by a script. */
async function pretend(script: string): Promise<string> {
  const made = await folder()
  await writeFile(path.join(made, 'bwrap'), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  return `${made}:/usr/bin:/bin`
}
const dropOptions = 'while [ "$1" != -- ]; do shift; done; shift'

describe('the probe', () => {
  test.runIf(bubblewrap)('takes bubblewrap where it keeps what it promises', async () => {
    expect(levelOf(await findIsolation('required', searchPathOf(), log))).toMatch(/^bubblewrap/)
  })

  test('does not take one that encloses nothing', async () => {
    const searchPath = await pretend(`${dropOptions}\nexec "$@"`)
    const isolation = await findIsolation('auto', searchPath, log)
    expect(levelOf(isolation)).toBe('process')
    expect(isolation.lacks.join()).toMatch(/did not end with it|read the environment|wrote outside/)
  })

  test.runIf(bubblewrap)('falls back to the next way when the first is refused', async () => {
    const searchPath = await pretend(`case " $* " in *" --proc "*) echo "Can't mount proc" >&2; exit 1;; esac
exec /usr/bin/bwrap "$@"`)
    expect(levelOf(await findIsolation('auto', searchPath, log))).toBe('bubblewrap-host-proc')
  })

  test('refuses to start where isolation is required and there is none, and says what to install', async () => {
    await expect(findIsolation('required', '/nowhere', log)).rejects.toThrow(
      /bubblewrap \(bwrap\) is not installed.*apt-get install bubblewrap/,
    )
    await expect(findIsolation('required', await pretend('echo no >&2; exit 1'), log)).rejects.toThrow(/: no/)
  })

  test('starts nothing when it is switched off', async () => {
    expect(levelOf(await findIsolation('off', searchPathOf(), log))).toBe('process')
  })
})

describe('processes', () => {
  test.runIf(process.platform === 'linux')('are found by their environment and ended', async () => {
    const mark = await folder()
    const child = spawn('setsid', ['sleep', '1000'], { env: { PATH: '/usr/bin:/bin', MARK: mark } })
    await vi.waitFor(async () => expect(await findMarked(mark)).not.toEqual([]))
    const exited = new Promise(resolve => child.once('exit', resolve))
    await endMarked(mark)
    await exited
    expect(await findMarked(mark)).toEqual([])
  })

  test.runIf(cgroups)('of a group end with it, and its memory has a limit', async () => {
    const group = cgroups?.create(`test-${process.pid}`, { memoryBytes: 100e6, processes: 50, share: 1 / 4 })
    const joined = group?.join.map(file => `echo $$ > ${file}`).join(';') ?? ''
    const fill = `${joined}; exec ${process.execPath} -e 'const all = []; for (;;) all.push(Buffer.alloc(1e7, 1))'`
    const filling = spawn('/bin/sh', ['-c', fill], { stdio: 'ignore' })
    const [code, signal] = await new Promise<unknown[]>(resolve =>
      filling.once('exit', (...how) => resolve(how)),
    )
    expect([code, signal]).toEqual([null, 'SIGKILL'])
    expect(await group?.outOfMemory()).toBeGreaterThan(0)
    const daemon = spawn('/bin/sh', ['-c', `${joined}; exec setsid sleep 1000`], { stdio: 'ignore' })
    const exited = new Promise(resolve => daemon.once('exit', resolve))
    const members = async () => readFile(group?.join[0] ?? '', 'utf8')
    await vi.waitFor(async () => expect(await members()).not.toBe(''))
    await group?.remove()
    await exited
    await expect(members()).rejects.toThrow('ENOENT')
  })

  test.runIf(cgroups)('of a group share what of the processor the group gets', async () => {
    const group = cgroups?.create(`share-${process.pid}`, { memoryBytes: 100e6, processes: 50, share: 1 / 4 })
    onTestFinished(async () => group?.remove())
    const folders = group?.join.map(file => path.dirname(file)) ?? []
    const usual = { 'cpu.weight': 100, 'cpu.shares': 1_024 }
    for (const folder of folders)
      for (const [file, whole] of Object.entries(usual)) {
        const share = await readFile(path.join(folder, file), 'utf8').catch(() => null)
        if (share !== null) expect(Number(share)).toBe(whole / 4)
      }
  })

  test('there are no groups where the folder is none of the kernel', async () => {
    const mounts = await folder()
    const membership = path.join(mounts, 'own')
    await writeFile(path.join(mounts, 'cgroup.controllers'), 'memory pids')
    await writeFile(membership, '0::/sluice.service/main\n')
    expect(findCgroups(mounts, membership)).toBe(null)
    expect(findCgroups('/nowhere', '/nowhere')).toBe(null)
  })
})
