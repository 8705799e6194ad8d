// The program as it is called: what it refuses, and what it says to do instead.
import { spawn } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { checkout, removeData, type SluiceProcess, startSluice } from '../../sandbox/demo/server.ts'
import { makeKey } from '../../src/api/keys/key.ts'
import { insertKey } from '../../src/api/keys/keys-store.ts'
import { insertLogLines } from '../../src/builds/store.ts'
import { exitCodeOf } from '../../src/command-line/exit-codes.ts'
import { nouns } from '../../src/command-line/nouns.ts'
import { runCommand } from '../../src/command-line/run.ts'
import type { Output } from '../../src/command-line/terminal.ts'
import { connect, type Database } from '../../src/db/client.ts'
import type { keyRoles } from '../../src/db/schema/columns.ts'
import { messageOf } from '../../src/errors.ts'
import { partsOf } from '../../src/executions/log-parts.ts'
import { insertParts } from '../../src/executions/log-store.ts'
import { cancelled } from '../../src/executions/store.ts'
import {
  found,
  insertBuild,
  insertEnvironment,
  insertExecutions,
  insertFunction,
  insertRepository,
} from '../support/place.ts'
import { freshDatabase } from '../support/postgres.ts'

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
  input = '',
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
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    let out = ''
    let err = ''
    child.stdout.on('data', chunk => (out += chunk))
    child.stderr.on('data', chunk => (err += chunk))
    child.on('error', reject)
    child.stdin.on('error', () => {}) // it ended before it read
    child.stdin.end(input)
    child.on('close', code => resolve({ code, out, err }))
  })
}

test('--help lists the commands, --version tells the version', async () => {
  const help = await sluice(['--help'])
  expect(help.code).toBe(0)
  for (const command of ['start', 'migrate', 'doctor', 'token create', 'variables', 'functions', 'demo'])
    expect(help.out).toContain(`sluice ${command}`)
  expect((await sluice(['--version'])).out).toMatch(/^\d+\.\d+\.\d+\n$/)
})

test.each([
  [['strat'], {}, 2, /no command "strat". Did you mean start\?/],
  [['start', '--roles', 'web,cook'], {}, 2, /--roles web,cook: give some of web, builder, worker/],
  [['start', '--port', '1'], {}, 2, /--port/],
  [
    ['start'],
    { APP_ID: '1', PRIVATE_KEY: 'x', WEBHOOK_SECRET: 'development' },
    1,
    /WEBHOOK_SECRET: must be at least 32 characters/,
  ],
  [['previews', 'close', '--confirm', 'all'], {}, 2, /Usage: sluice previews close --confirm <count>/],
  [['token', 'create', '--environment', 'nonsense'], {}, 2, /"nonsense" names no environment/],
  [['token', 'create', '--environment', 'acme/none#production'], {}, 4, /no repository acme\/none/],
])('%j is refused with one message and no stack', async (args, settings, exit, message) => {
  const { code, err } = await sluice(args, settings)
  expect(code).toBe(exit)
  expect(err).toMatch(message)
  expect(err).not.toMatch(/^\s+at /m)
})

test('migrate says what it did, and then that there is nothing to do', async () => {
  const fresh = { SLUICE_DATA: path.join(folder, 'fresh') }
  expect((await sluice(['migrate'], fresh)).out).toMatch(/^Applied \d+ migration/)
  expect((await sluice(['migrate'], fresh)).out).toBe('The database is up to date.\n')
  await removeData(fresh.SLUICE_DATA)
})

/** The same within this process, as starting one for each of them would take a minute of everybody's time. */
async function ask(args: string[], env: Record<string, string> = {}, input = '') {
  const said = { code: 0, out: '', err: '' }
  const to = (name: 'out' | 'err'): Output => ({
    write(text, written) {
      said[name] += text
      written?.()
    },
    on() {},
  })
  const streams = { stdin: Readable.from(input === '' ? [] : [input]), stdout: to('out'), stderr: to('err') }
  const [command = '', ...rest] = args
  try {
    said.code = await runCommand(command, rest, { streams, env: { HOME: folder, ...env } })
  } catch (error) {
    said.code = exitCodeOf(error)
    said.err += messageOf(error)
  }
  return said
}

describe('against a server that was started', () => {
  let server: SluiceProcess
  let settings: Record<string, string>
  let database: Database
  let repositoryId: number
  let environmentId: string
  let buildId: string
  let execution: string
  const secret = 'sk_live_4eC39HqLyjWDarjtT1zdp7dc'

  beforeAll(async () => {
    const url = await freshDatabase(inject('postgresUrl'))
    database = connect(url, { max: 2, name: 'command line test' })
    const { db } = database
    settings = { DATABASE_URL: url, SLUICE_MASTER_KEY: 'the master key of this test, long enough' }
    server = await startSluice({
      dataDir: path.join(folder, 'server'),
      settings,
      args: ['--roles', 'web'],
    })
    const repository = await insertRepository(db)
    repositoryId = repository.id
    const environment = await insertEnvironment(db, repository.id)
    environmentId = environment.id
    await insertEnvironment(db, repository.id, { name: 'staging', production: false })
    const build = await insertBuild(db, environment.id, 7, [found('sendMail')])
    buildId = build.id
    await insertLogLines(db, build.id, [{ stage: 'installing', line: 'added 3 packages' }])
    const one = await insertFunction(db, environment.id, 'sendMail', build.id)
    execution = (await insertExecutions(db, one, 1))[0]?.id ?? ''
    await say(0, 'hello \u001b]0;owned\u0007 world')
  })
  afterAll(async () => {
    await server.stop()
    await database.close()
  })

  const say = (batch: number, text: string) =>
    insertParts(
      database.db,
      partsOf({ executionId: execution, attempt: 1, batch, lines: [{ level: 'log', atMs: 0, text }] }),
    )
  async function keyFor(role: (typeof keyRoles)[number], whole = false): Promise<string> {
    const { key, ...made } = makeKey()
    const scope = { repositoryId, environmentId: whole ? null : environmentId }
    await insertKey(database.db, { ...scope, role, name: 'cli', validSeconds: null, ...made })
    return key
  }
  async function at(role: (typeof keyRoles)[number], whole = false) {
    return { SLUICE_SERVER: server.url, SLUICE_KEY: await keyFor(role, whole) }
  }

  test('shows tables to people and JSON to programs, without a colour where nobody looks', async () => {
    const env = await at('read')
    const listed = await sluice(['functions', 'list'], env)
    expect((await sluice(['functions', 'get', 'none'], env)).code).toBe(4)
    expect(listed).toMatchObject({ code: 0, err: '' })
    expect(listed.out).toMatch(
      /^NAME {6}STATUS {2}HELD {2}VERSION {2}ID\nsendMail {2}active {2}- {5}1 {8}[0-9a-f-]{36}\n$/,
    )
    const json = JSON.parse((await ask(['functions', 'list', '--json'], env)).out)
    expect(json).toEqual([expect.objectContaining({ name: 'sendMail', status: 'active' })])
    expect((await ask(['functions', 'get', 'sendMail'], env)).out).toMatch(/^name {9}sendMail$/m)
    expect((await ask(['functions', 'versions', 'sendMail'], env)).out).toMatch(/^1 {8}active/m)
    expect((await ask(['environments', 'list'], env)).out).toMatch(/^production {2}main/m)
    const builds = await ask(['builds', 'list'], env)
    expect(builds.out).toMatch(/^#7 {5}succeeded {2}- {5}0000000/m)
    expect((await ask(['builds', 'get', '7', '--json'], env)).out).toContain(buildId)
    expect((await ask(['builds', 'log', '#7'], env)).out).toBe('== installing\nadded 3 packages\n')
    expect((await ask(['executions', 'list', '--status', 'queued'], env)).out).toContain(execution)
  })

  test('changes what is there, and says what became of it', async () => {
    const env = await at('write')
    const run = (...args: string[]) => ask(args, env)
    expect((await run('functions', 'pause', 'sendMail', '--for', '2h', '--reason', 'too loud')).code).toBe(0)
    expect((await run('functions', 'list')).out).toMatch(/sendMail {2}active {2}paused/)
    expect((await run('functions', 'resume', 'sendMail')).code).toBe(0)
    expect((await run('functions', 'archive', 'sendMail')).code).toBe(0)
    expect((await run('functions', 'restore', 'sendMail')).code).toBe(0)
    expect(await run('functions', 'rollback', 'sendMail', '--to', '9')).toMatchObject({ code: 5 })
    expect(await run('functions', 'rollback', 'sendMail')).toMatchObject({ code: 2 })
  })

  test('what cannot be taken back is confirmed by its name', async () => {
    const env = await at('admin')
    const run = (...args: string[]) => ask(args, env)
    const asked = await run('functions', 'delete', 'sendMail')
    expect(asked).toMatchObject({ code: 6, err: expect.stringContaining('Add --confirm sendMail') })
    expect(await run('functions', 'delete', 'sendMail', '--confirm', 'other')).toMatchObject({ code: 6 })
    expect((await run('deletions', 'list')).out).toBe('Nothing is going to be deleted.\n')
    expect(await run('functions', 'delete', 'sendMail', '--confirm', 'sendMail')).toMatchObject({ code: 0 })
    expect((await run('deletions', 'list')).out).toMatch(/^sendMail .* 7 +user_requested$/m)
    expect((await run('deletions', 'status', 'sendMail')).out).toMatch(/^why +user_requested$/m)
    expect((await run('deletions', 'cancel', 'sendMail')).code).toBe(0)
    expect((await run('deletions', 'status', 'sendMail')).out).toBe('sendMail is not going to be deleted.\n')
  })

  test('makes tokens and keys, shows how they begin, and ends them', async () => {
    const env = await at('admin')
    const token = (await ask(['tokens', 'create'], env)).out.trim()
    expect(token).toMatch(/^slt_/)
    const begins = token.slice(0, 11)
    const listed = await ask(['tokens', 'list'], env)
    expect(listed.out).toContain(`${begins}…`)
    expect(listed.out).not.toContain(token)
    expect((await ask(['tokens', 'revoke', begins, '--confirm', begins], env)).code).toBe(0)
    const key = (
      await ask(['keys', 'create', '--name', 'ci', '--expires', '1d', '-e', 'production'], env)
    ).out.trim()
    const own = { ...env, SLUICE_KEY: key }
    expect((await ask(['functions', 'list'], own)).code).toBe(0)
    const name = key.slice(0, 11)
    expect((await ask(['keys', 'list'], env)).out).toMatch(new RegExp(`^${name}… .* ci$`, 'm'))
    expect((await ask(['keys', 'revoke', name, '--confirm', name], env)).code).toBe(0)
    expect((await ask(['functions', 'list'], own)).code).toBe(3)
  })

  test('S72: sets variables by standard input and file, and shows no value', async () => {
    const env = await at('write', true)
    const on = ['-e', 'production']
    const set = await sluice(['variables', 'set', 'API_KEY', ...on, '--scope', 'run'], env, `${secret}\n`)
    expect(set).toMatchObject({
      code: 0,
      out: 'API_KEY is set (run). New builds and new processes get it.\n',
    })
    const file = path.join(folder, 'some.env')
    await writeFile(file, `export A="two\nlines" # both\nNODE_OPTIONS=${secret}\n`)
    const dry = await ask(['variables', 'import', ...on, '--file', file, '--dry-run'], env)
    expect(dry).toMatchObject({
      code: 5,
      out: expect.stringMatching(/^added {6}A\nrefused {4}NODE_OPTIONS cannot/),
    })
    expect((await ask(['variables', 'import', ...on], env, 'A=1')).out).toBe('added      A\n')
    await ask(['variables', 'set', 'SHARED', '--all-environments'], env, 'of all')
    const listed = await ask(['variables', 'list', ...on], env)
    expect(listed.out).toMatch(/^A .*both[\s\S]*^API_KEY {2}run/m)
    expect((await ask(['variables', 'list', '--all-environments'], env)).out).toMatch(/^SHARED/m)
    const removed = await ask(['variables', 'remove', 'A', ...on, '--confirm', 'A'], env)
    expect(removed.code).toBe(0)
    const refused = await ask(['variables', 'set', `A=${secret}`, ...on], env)
    const keys = await sluice(['master-key', 'rotate'], settings)
    expect(keys).toMatchObject({
      code: 0,
      out: expect.stringContaining('variables: 2 with the key, 0 sealed anew'),
    })
    expect(refused).toMatchObject({ code: 2, err: expect.stringContaining('standard input') })
    expect(JSON.stringify([set, dry, listed])).not.toContain(secret)
  })

  test('follows what an execution says until it has ended, in words that cannot move a cursor', async () => {
    const env = await at('write')
    expect((await ask(['executions', 'logs', execution], env)).out).toBe(
      '1970-01-01 00:00:00Z  hello  world\n',
    )
    const following = ask(['executions', 'logs', execution, '-f'], env)
    await say(1, 'more')
    await database.db.transaction(tx => cancelled(tx, execution))
    const { code, out } = await following
    expect(out).toMatch(/hello[\s\S]*more/)
    expect(code).toBe(8) // it was cancelled
    expect((await ask(['executions', 'get', execution], env)).out).toMatch(/^status +cancelled$/m)
    expect((await ask(['executions', 'cancel', execution], env)).code).toBe(5)
    const again = await ask(['executions', 'rerun', execution, '--json'], env)
    expect(JSON.parse(again.out)).toMatchObject({ status: 'queued', function_name: 'sendMail' })
  })

  test('S72: login tries a key, keeps it for its owner alone, and it goes to no other server', async () => {
    const XDG_CONFIG_HOME = path.join(folder, 'config')
    const kept = path.join(XDG_CONFIG_HOME, 'sluice/config.json')
    const key = await keyFor('read', true)
    const wrong = await ask(['login', '--server', server.url], { XDG_CONFIG_HOME }, 'slk_wrong')
    expect(wrong.code).toBe(3)
    const done = await ask(['login', '--server', server.url, '-e', 'production'], { XDG_CONFIG_HOME }, key)
    expect(done).toMatchObject({ code: 0, out: '' })
    expect((await stat(kept)).mode & 0o777).toBe(0o600)
    expect((await stat(path.dirname(kept))).mode & 0o777).toBe(0o700)
    expect((await ask(['functions', 'list'], { XDG_CONFIG_HOME })).out).toContain('sendMail')
    expect((await ask(['functions', 'list', '-e', 'staging'], { XDG_CONFIG_HOME })).out).toContain(
      'no functions yet',
    )
    await ask(['config', 'set', 'environment', 'staging'], { XDG_CONFIG_HOME })
    const config = await ask(['config', '--json'], { XDG_CONFIG_HOME })
    expect(JSON.parse(config.out)).toMatchObject({ server: server.url, environment: 'staging' })
    expect(JSON.stringify([wrong, done, config])).not.toContain(key)
    const other = await ask(['functions', 'list', '--server', 'http://127.0.0.1:1'], { XDG_CONFIG_HOME })
    expect(other).toMatchObject({ code: 3, err: expect.stringContaining('no key for http://127.0.0.1:1') })
    await chmod(kept, 0o644)
    expect(await ask(['functions', 'list'], { XDG_CONFIG_HOME })).toMatchObject({
      code: 1,
      err: expect.stringContaining('chmod 600'),
    })
    await chmod(kept, 0o600)
    expect((await ask(['logout'], { XDG_CONFIG_HOME })).code).toBe(0)
    expect(await readFile(kept, 'utf8')).not.toContain(key)
    expect((await ask(['functions', 'list'], { XDG_CONFIG_HOME })).code).toBe(3)
  })

  test.each<[string, string[], number, RegExp]>([
    ['a verb', ['functions', 'lst'], 2, /no "sluice functions lst". Did you mean sluice functions list\?/],
    ['an option', ['functions', 'list', '--jsn'], 2, /no option --jsn. Did you mean --json\?/],
    ['a word', ['builds', 'list', '--status', 'faild'], 2, /--status faild: give .* Did you mean failed\?/],
    ['a function', ['functions', 'get', 'sendMial'], 4, /no function "sendMial". Did you mean sendMail\?/],
    ['an id', ['executions', 'get', '7'], 2, /"7" is no id of an execution/],
    [
      "an id that is nobody's",
      ['executions', 'get', '00000000-0000-4000-8000-000000000000'],
      4,
      /no execution/,
    ],
    ['nothing', ['functions', 'get'], 2, /Say which function/],
    ['too much', ['functions', 'get', 'a', 'b'], 2, /"b" is not expected/],
    ['too low a role', ['functions', 'pause', 'sendMail'], 3, /role "write"/],
    ['an environment that is not its own', ['functions', 'list', '-e', 'staging'], 4, /no open environment/],
  ])('%s that is wrong is told with what to do', async (_what, args, exit, message) => {
    const { code, out, err } = await ask(args, await at('read'))
    expect([code, out]).toEqual([exit, ''])
    expect(err).toMatch(message)
    expect(err).not.toMatch(/^\s+at /m)
  })

  test('no server, no key, nobody there: each has a code and a remedy', async () => {
    expect(await ask(['builds', 'list'], { XDG_CONFIG_HOME: folder })).toMatchObject({
      code: 3,
      err: expect.stringContaining('sluice login'),
    })
    const nowhere = { SLUICE_SERVER: 'http://127.0.0.1:1', SLUICE_KEY: 'slk_x' }
    expect(await ask(['tokens', 'create'], nowhere)).toMatchObject({
      code: 7,
      err: expect.stringContaining('http://127.0.0.1:1 is out of reach'),
    })
    const guess = { SLUICE_SERVER: server.url, SLUICE_KEY: 'slk_guess' }
    expect(await ask(['tokens', 'create'], guess)).toMatchObject({ code: 3 })
  })
})

test('every command tells its use with an example, and completion knows it', async () => {
  const script = (await ask(['completion', 'bash'])).out
  for (const [name, { verbs }] of Object.entries(nouns)) {
    const help = (await ask([name, '--help'])).out
    for (const verb of Object.keys(verbs)) expect(help).toContain(`sluice ${name} ${verb}`)
    expect(script).toContain(`"${name}") words="${Object.keys(verbs).join(' ')}"`)
  }
  const one = (await ask(['functions', 'pause', '--help'])).out
  expect(one).toMatch(
    /Usage: sluice functions pause <function> \[options\][\s\S]*Examples:\n {2}sluice functions pause/,
  )
  for (const shell of ['zsh', 'fish']) expect((await ask(['completion', shell])).out).toContain('deletions')
  expect((await ask(['completion', 'tcsh'])).code).toBe(2)
})
