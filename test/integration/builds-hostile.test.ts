// A hostile repository, attack by attack: each fails with its code or gets nowhere, and leaves nothing running or written. The
// attacks are tried for real, from the install script of a dependency, a prebuild command, or a module while it is loaded.
import { readdirSync, readFileSync } from 'node:fs'
import { access, mkdir, readdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test, vi } from 'vitest'
import type { Limits } from '../../src/builds/tools.ts'
import { connect, type Database } from '../../src/db/client.ts'
import { findMarked } from '../../src/isolation/marked.ts'
import { createTestBuilder, isolationOfMachine } from '../support/builder.ts'
import { build, prebuilt, withDependency, withInstallScript, withPrebuild } from '../support/hostile.ts'
import { freshDatabase } from '../support/postgres.ts'
import { bare, bareFiles } from '../support/projects.ts'

let database: Database
beforeAll(async () => {
  database = connect(await freshDatabase(inject('postgresUrl')), { max: 10, name: 'hostile test' })
})
afterAll(() => database.close())

const isolation = await isolationOfMachine()
const linux = process.platform === 'linux'
const scripted = build({ installScripts: true })
const canary = 'a-secret-of-somebody-else'

async function setup(settings: ReturnType<typeof build>, limits: Partial<Limits> = {}) {
  const place = await createTestBuilder(database.db, { limits })
  onTestFinished(() => place.close())
  const dataDir = path.dirname(place.folders.builds)
  // What is not theirs: another build, another install, a published artifact.
  const others = ['builds/other', 'cache/installs/other', 'artifacts'].map(folder =>
    path.join(dataDir, folder),
  )
  for (const folder of others) {
    await mkdir(folder, { recursive: true })
    await writeFile(path.join(folder, 'secret'), canary)
  }
  return {
    ...place,
    dataDir,
    others,
    another: place.environment,
    environment: await place.environment({ build: settings }),
    /** Nothing runs, nothing half-made lies about, the others are as they were. */
    async expectNothingLeft() {
      expect(await findMarked(dataDir)).toEqual([])
      expect(await place.leftovers()).toEqual(['other'])
      expect((await readdir(place.folders.installs)).filter(name => /^\.|\.old$/.test(name))).toEqual([])
      for (const folder of others) expect(await readdir(folder)).toContain('secret')
    },
  }
}

/** Of all processes of the machine, whoever's they are. */
function commandLines(): string[] {
  const pids = readdirSync('/proc').filter(name => /^\d+$/.test(name))
  return pids.map(pid => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
    } catch {
      return ''
    }
  })
}

/** The kernel ends a sandbox a moment after its first process. */
const expectGone = (name: string) =>
  vi.waitFor(() => expect(commandLines().filter(line => line.includes(name))).toEqual([]))

/** A daemon: a session of its own, deaf to signals, told apart by its command line. */
const daemon = (name: string, env: string) => `
const { spawn } = require('child_process')
const code = 'process.on("SIGTERM", () => {}); process.on("SIGHUP", () => {}); setInterval(() => {}, 1000)'
spawn(process.execPath, ['-e', code, '${name}'], { detached: true, stdio: 'ignore', env: ${env} }).unref()`

/** Reads all it can reach and prints what is none of its business. */
const reading = (folders: string[]) => `
const fs = require('fs')
const list = folder => { try { return fs.readdirSync(folder) } catch { return [] } }
const read = file => { try { return fs.readFileSync(file, 'latin1') } catch { return '' } }
for (const pid of list('/proc').filter(name => /^\\d+$/.test(name))) {
  const text = read('/proc/' + pid + '/environ')
  if (text !== '' && !text.includes(process.env.TMPDIR)) console.log('LEAK environment of ' + pid)
  if (read('/proc/' + pid + '/root/etc/shadow') !== '') console.log('LEAK root of ' + pid)
}
for (const folder of ${JSON.stringify(folders)})
  for (const name of [folder, ...list(folder)])
    if (read(folder + '/' + name).includes('${canary}')) console.log('LEAK ' + folder)
for (const file of ['/etc/shadow', '/root/.npmrc', '/root/.bash_history', '/usr/etc/npmrc'])
  if (read(file) !== '') console.log('LEAK ' + file)
console.log('HOMES ' + list('/home').concat(list('/root'), list('/var'), list('/run')).join())
console.log('LOOKED')`

describe.runIf(isolation.bubblewrap)('in a sandbox', () => {
  test('an install script that reads the environment and the disk finds nothing', async () => {
    const { environment, dataDir, others, ...place } = await setup(scripted)
    const attack = `${reading([dataDir, ...others])}\nprocess.exit(1)`
    const built = await place.build(environment.id, withInstallScript(attack))
    expect(built.failure).toMatchObject({
      code: 'install_script_failed',
      message: expect.stringMatching(/^The postinstall script of fragile 1.0.0 ended with code 1/),
    })
    const log = (await place.log(built.id)).join('\n')
    expect(log).toMatch(/HOMES \n.*LOOKED/s)
    expect(log).not.toContain('LEAK')
    await place.expectNothingLeft()
  })

  test('nor does a module while it is loaded, which has no network either', async () => {
    const { environment, dataDir, others, ...place } = await setup(build({}))
    const look = `import { createRequire } from 'node:module'\nconst require = createRequire(import.meta.url)`
    const connecting = `const { connect } = await import('node:net')
await new Promise(done => connect(80, '127.0.0.1').on('connect', () => console.log('LEAK')).on('error', error => done(console.log(error.code))))
console.log('INTERFACES ' + Object.values((await import('node:os')).networkInterfaces()).flat().filter(one => !one.internal).length)`
    const files = {
      ...bareFiles,
      'defer/x.js': `${look}\n${reading([dataDir, ...others])}\n${connecting}\n${bare('x')}`,
    }
    const built = await place.build(environment.id, files)
    expect(built.failure).toBe(null)
    const log = (await place.log(built.id)).join('\n')
    expect(log).toContain('LOOKED')
    expect(log).toContain('INTERFACES 0')
    expect(log).not.toContain('LEAK')
    await place.expectNothingLeft()
  })

  test('what it writes outside its folder is not there', async () => {
    const { environment, dataDir, others, folders, ...place } = await setup(scripted)
    const targets = [dataDir, ...others, folders.downloads, '/tmp', '/usr', '/etc', '/dev', '/'].map(folder =>
      path.join(folder, `written-${environment.id}`),
    )
    const attack = `for (const file of ${JSON.stringify(targets)}) try { require('fs').writeFileSync(file, '') } catch {}`
    const built = await place.build(environment.id, withInstallScript(attack))
    expect(built.failure).toBe(null)
    for (const file of targets) await expect(access(file)).rejects.toThrow('ENOENT')
    await place.expectNothingLeft()
  })

  test('a program of the project that is named as one of ours does not run in its place', async () => {
    const { environment, dataDir, ...place } = await setup(build({ prebuild: 'true' }))
    const names = ['nice', 'bwrap', 'setpriv', 'sh', 'cp']
    const program = `#!/bin/sh\n: > ${dataDir}/escaped\n`
    const files = withDependency('fragile', {
      'package.json': { bin: Object.fromEntries(names.map(name => [name, './program.sh'])) },
      'program.sh': program,
    })
    await place.build(environment.id, files)
    await expect(access(path.join(dataDir, 'escaped'))).rejects.toThrow('ENOENT')
    await place.expectNothingLeft()
  })

  test('a daemon that cleared its environment ends with the command that started it', async () => {
    const { environment, ...place } = await setup(scripted)
    const name = `daemon-${environment.id}`
    const built = await place.build(environment.id, withInstallScript(daemon(name, '{}')))
    expect(built.failure).toBe(null)
    await expectGone(name)
    await place.expectNothingLeft()
  })
})

describe('with limits', () => {
  const filling = `const fs = require('fs'); for (let i = 0; ; i++) fs.writeFileSync('fill-' + i, Buffer.alloc(1e6, 1))`

  test('an install script that fills the disk is ended, and the disk is free again', async () => {
    const { environment, ...place } = await setup(scripted, { diskBytes: 50e6 })
    const built = await place.build(environment.id, withInstallScript(filling))
    expect(built.failure).toMatchObject({ code: 'disk_limit', message: expect.stringContaining('50 MB') })
    await place.expectNothingLeft()
  })

  test('so is one with a single file', async () => {
    const { environment, ...place } = await setup(prebuilt, { diskBytes: 50e6 })
    const code = `const fs = require('fs'); const file = fs.openSync('fill', 'w'); for (;;) fs.writeSync(file, Buffer.alloc(1e6))`
    const built = await place.build(environment.id, withPrebuild(code))
    expect(built.failure?.code).toBe('disk_limit')
    await place.expectNothingLeft()
  })

  test('folders that cannot be entered, or are too deep for a path, are removed, too', async () => {
    const { environment, ...place } = await setup(prebuilt)
    const code = `const fs = require('fs')
fs.mkdirSync('closed/inner', { recursive: true }); fs.chmodSync('closed', 0)
for (let i = 0; i < 400; i++) { fs.mkdirSync('a-folder-with-a-long-name'); process.chdir('a-folder-with-a-long-name') }
process.exit(1)`
    const built = await place.build(environment.id, withPrebuild(code))
    expect(built.failure?.code).toBe('prebuild_failed')
    await place.expectNothingLeft()
  })

  test.runIf(linux)('one that takes all memory runs out of it', async () => {
    const code = `const all = []; for (;;) all.push(Buffer.alloc(1e7, 1))`
    const { environment, builder, ...place } = await setup(prebuilt, { memoryBytes: 300e6 })
    const grouped = await place.build(environment.id, withPrebuild(code))
    expect(grouped.failure?.code).toBe('out_of_memory')
    builder.machine = { ...builder.machine, isolation: { ...isolation, cgroups: null } }
    const single = await place.build(environment.id, { 'README.md': 'the same' })
    expect(single.failure?.code).toBe('out_of_memory')
    await place.expectNothingLeft()
  })

  test.runIf(linux)('whatever it starts is what the kernel ends first when memory runs out', async () => {
    const { environment, ...place } = await setup(prebuilt)
    const code = `const { execFileSync } = require('child_process')
console.log('FIRST ' + execFileSync('cat', ['/proc/self/oom_score_adj']))`
    const built = await place.build(environment.id, withPrebuild(code))
    expect((await place.log(built.id)).join('\n')).toContain('FIRST 1000')
  })

  test('one that computes for ever is ended', async () => {
    const { environment, ...place } = await setup(prebuilt, { cpuSeconds: 1 })
    const built = await place.build(environment.id, withPrebuild('for (;;) {}'))
    expect(built.failure?.code).toBe('cpu_limit')
    await place.expectNothingLeft()
  })

  test('a module that starts a daemon and loops for ever is ended with it', async () => {
    const { environment, ...place } = await setup(build({}), { loadMs: 3_000 })
    const name = `daemon-${environment.id}`
    const spawning = daemon(name, 'process.env').replace('const { spawn } = require', 'import { spawn } from')
    const module = `${spawning.replace("from('child_process')", "from 'child_process'")}\nfor (;;) {}`
    const built = await place.build(environment.id, { ...bareFiles, 'defer/x.js': module })
    expect(built.failure?.code).toBe('load_hung')
    await expectGone(name)
    await place.expectNothingLeft()
  })

  const shouting = `const fs = require('fs'); const line = 'x'.repeat(99) + '\\n'
for (let i = 0; i < 1e4; i++) fs.writeSync(1, line.repeat(1000))`

  test('a log of 1 GB is ended, and head and tail of it kept', async () => {
    const { environment, ...place } = await setup(prebuilt)
    const built = await place.build(environment.id, withPrebuild(shouting))
    expect(built.failure).toMatchObject({ code: 'output_limit', message: expect.stringContaining('100 MB') })
    const log = await place.log(built.id)
    expect(log.length).toBeLessThanOrEqual(20_001)
    expect(log.filter(line => line.includes('left out here'))).toHaveLength(1)
    expect(log.at(-1)).toContain('100 MB of output')
    await place.expectNothingLeft()
  })

  test('three good builds beside a hostile one succeed', async () => {
    const { environment, ...place } = await setup(prebuilt)
    const hostile = await place.admit(environment.id, withPrebuild(`${shouting}\nfor (;;) {}`))
    const good = await Promise.all([1, 2, 3].map(() => place.another({ build: build({}) })))
    const files = { ...bareFiles, 'defer/x.js': bare('x') }
    const ids: string[] = []
    for (const one of good) ids.push(await place.admit(one.id, files))
    await Promise.all([hostile, ...ids].map(id => place.work(id)))
    expect((await place.buildOf(hostile)).failure?.code).toBe('output_limit')
    for (const id of ids) expect((await place.buildOf(id)).state).toBe('succeeded')
    await place.expectNothingLeft()
  })
})

describe.runIf(linux)('without a sandbox', () => {
  test('a daemon is found by its environment and ended with the build', async () => {
    const { environment, builder, ...place } = await setup(scripted)
    builder.machine = { ...builder.machine, isolation: { ...isolation, bubblewrap: null, cgroups: null } }
    const name = `daemon-${environment.id}`
    const built = await place.build(environment.id, withInstallScript(daemon(name, 'process.env')))
    expect(built.failure).toBe(null)
    expect((await place.log(built.id)).join('\n')).toContain('Install scripts run without a sandbox')
    await expectGone(name)
    await place.expectNothingLeft()
  })
})
