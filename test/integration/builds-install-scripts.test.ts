// Which install scripts run: those of the project, those of dependencies that the environment's policy names, no others. What
// each may do is builds-hostile.test.ts.
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest'
import { connect, type Database } from '../../src/db/client.ts'
import { createTestBuilder } from '../support/builder.ts'
import { build, prebuilt, withDependency, withInstallScript, withPrebuild } from '../support/hostile.ts'
import { freshDatabase } from '../support/postgres.ts'
import type { Files } from '../support/projects.ts'

let database: Database
beforeAll(async () => {
  database = connect(await freshDatabase(inject('postgresUrl')), { max: 10, name: 'scripts test' })
})
afterAll(() => database.close())

async function setup(settings: ReturnType<typeof build>) {
  const place = await createTestBuilder(database.db)
  onTestFinished(() => place.close())
  return { ...place, another: place.environment, environment: await place.environment({ build: settings }) }
}

/** The function tells whether the script ran before it was bundled. */
const generated = {
  ...withInstallScript('require("fs").writeFileSync("made.cjs", "module.exports = \\"made\\"")'),
  'defer/x.js': `import made from 'fragile/made.cjs'
async function x() { return made }
const wrapped = async () => ({})
wrapped.__fn = x
wrapped.__metadata = { name: made, version: 6 }
export default wrapped
`,
}

describe('install scripts of dependencies', () => {
  test('are not run unless asked for; the log names them and says what to do', async () => {
    const { environment, ...place } = await setup(build({}))
    const failed = await place.build(environment.id, generated)
    expect(failed.failure?.code).toBe('compile_failed')
    expect((await place.log(failed.id)).join('\n')).toContain(
      'Install scripts not run: fragile. Where a package needs its script, name it in .github/sluice.yml: install_scripts: [fragile]',
    )
  })

  test.for([true, ['fragile']])('are run when the policy is %j, in the order of npm', async policy => {
    const { environment, ...place } = await setup(build({ installScripts: policy }))
    const built = await place.build(environment.id, generated)
    expect(built.state).toBe('succeeded')
    expect((await place.log(built.id)).join('\n')).toContain(
      'installing: $ node script.js (postinstall of fragile 1.0.0)',
    )
  })

  test('of one policy are no install for another', async () => {
    const { environment, ...place } = await setup(build({ installScripts: true }))
    const strict = await place.another()
    expect((await place.build(environment.id, generated)).state).toBe('succeeded')
    expect((await place.build(strict.id, { 'README.md': 'the same' })).failure?.code).toBe('compile_failed')
  })

  test('that are named and not there are warned of', async () => {
    const { environment, ...place } = await setup(build({ installScripts: ['sharp'] }))
    const built = await place.build(environment.id, withInstallScript(''))
    expect(built.state).toBe('succeeded')
    const log = (await place.log(built.id)).join('\n')
    expect(log).toContain(
      'warning: install_scripts in .github/sluice.yml names "sharp", which is not installed',
    )
    expect(log).toContain('Install scripts not run: fragile.')
  })

  test('that fail, fail the build with their package and last lines', async () => {
    const { environment, ...place } = await setup(build({ installScripts: true }))
    const built = await place.build(
      environment.id,
      withInstallScript('console.error("no compiler"); process.exit(3)', 'install'),
    )
    expect(built.failure).toMatchObject({
      code: 'install_script_failed',
      message: 'The install script of fragile 1.0.0 ended with code 3:\nno compiler',
    })
  })

  test('find what npm gives them', async () => {
    const { environment, ...place } = await setup(build({ installScripts: true }))
    const names = [
      'npm_package_name',
      'npm_lifecycle_event',
      'npm_config_user_agent',
      'npm_execpath',
      'INIT_CWD',
    ]
    const code = `for (const name of ${JSON.stringify(names)}) if (!process.env[name]) throw new Error(name)`
    const built = await place.build(environment.id, withInstallScript(code, 'preinstall'))
    expect(built.failure).toBe(null)
  })
})

describe('the project’s own postinstall', () => {
  const postinstall: Files = {
    ...withDependency('fragile', { 'package.json': {}, 'index.js': 'export default "as published"' }),
    'make.cjs': `const fs = require('fs')
fs.writeFileSync('node_modules/fragile/index.js', 'export default "patched"')
fs.writeFileSync('made.js', 'export default "made"')`,
    'defer/x.js': `import patched from 'fragile/index.js'
import made from '../made.js'
async function x() {}
if (patched !== 'patched') throw new Error(patched)
const wrapped = async () => made
wrapped.__fn = x
wrapped.__metadata = { name: 'x', version: 6 }
export default wrapped
`,
  }
  const files = {
    ...postinstall,
    'package.json':
      postinstall['package.json']?.replace(
        '"private"',
        '"scripts": { "postinstall": "node make.cjs" }, "private"',
      ) ?? '',
  }

  test('is run as part of the install, on a copy of what is shared', async () => {
    const { environment, ...place } = await setup(build({}))
    const built = await place.build(environment.id, files)
    expect(built.failure).toBe(null)
    expect(await place.log(built.id)).toContain('installing: $ node make.cjs')
    const again = await place.build(environment.id, { 'make.cjs': 'process.exit(4)' })
    expect(again.failure).toMatchObject({
      code: 'postinstall_failed',
      message: expect.stringMatching(
        /^The postinstall script of package.json, "node make.cjs", ended with code 4/,
      ),
    })
    expect(again.installCached).toBe(null)
  })

  test('is not run where a prebuild command stands in its place', async () => {
    const { environment, ...place } = await setup(build({ prebuild: 'node make.cjs' }))
    const built = await place.build(environment.id, files)
    expect(built.failure).toBe(null)
    expect((await place.log(built.id)).filter(line => line.endsWith('$ node make.cjs'))).toEqual([
      'generating: $ node make.cjs',
    ])
  })
})

test('a prebuild command that leaves a link to elsewhere fails the build', async () => {
  const { environment, folders, ...place } = await setup(prebuilt)
  const code = `require('fs').symlinkSync(${JSON.stringify(folders.installs)}, 'lib')`
  const built = await place.build(environment.id, withPrebuild(code))
  expect(built.failure).toMatchObject({
    code: 'prebuild_failed',
    message: expect.stringContaining('left the link lib, which leads out of the repository'),
  })
})
