// The program as it is called: what it refuses, and what it says to do instead.
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkout, removeData } from '../../sandbox/demo/server.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'sluice-cli-'))
})
afterAll(async () => {
  await removeData(path.join(folder, 'data'))
  await rm(folder, { recursive: true, force: true })
})

function sluice(
  args: string[],
  settings: Record<string, string> = {},
): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((resolve, reject) => {
    const env = {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      SLUICE_DATA: path.join(folder, 'data'),
      ...settings,
    }
    const child = spawn(process.execPath, [path.join(checkout, 'bin/sluice.js'), ...args], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let out = ''
    let err = ''
    child.stdout.on('data', chunk => (out += chunk))
    child.stderr.on('data', chunk => (err += chunk))
    child.on('error', reject)
    child.on('close', code => resolve({ code, out, err }))
  })
}

test('--help lists the commands, --version tells the version', async () => {
  const help = await sluice(['--help'])
  expect(help.code).toBe(0)
  for (const command of ['start', 'migrate', 'doctor', 'token create', 'variables', 'sandbox', 'demo'])
    expect(help.out).toContain(`sluice ${command}`)
  expect((await sluice(['--version'])).out).toMatch(/^\d+\.\d+\.\d+\n$/)
})

test.each([
  [['strat'], {}, /no command "strat"/],
  [['start', '--roles', 'web,cook'], {}, /--roles web,cook: give some of web, builder, worker/],
  [['start', '--port', '1'], {}, /--port/],
  [
    ['start'],
    { APP_ID: '1', PRIVATE_KEY: 'x', WEBHOOK_SECRET: 'development' },
    /WEBHOOK_SECRET: must be at least 32 characters/,
  ],
  [['previews', 'close', '--confirm', 'all'], {}, /Usage: sluice previews close --confirm <count>/],
  [['token', 'create', '--environment', 'nonsense'], {}, /"nonsense" names no environment/],
  [['token', 'create', '--environment', 'acme/none#production'], {}, /no repository acme\/none/],
])('%j is refused with one message and no stack', async (args, settings, message) => {
  const { code, err } = await sluice(args, settings)
  expect(code).toBe(1)
  expect(err).toMatch(message)
  expect(err).not.toMatch(/^\s+at /m)
})

test('migrate says what it did, and then that there is nothing to do', async () => {
  const fresh = { SLUICE_DATA: path.join(folder, 'fresh') }
  expect((await sluice(['migrate'], fresh)).out).toMatch(/^Applied \d+ migration/)
  expect((await sluice(['migrate'], fresh)).out).toBe('The database is up to date.\n')
  await removeData(fresh.SLUICE_DATA)
})
