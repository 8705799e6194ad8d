// A commit becomes live functions: real git, real npm, real bundler, real processes, real PostgreSQL.
import { execFile } from 'node:child_process'
import { readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { connect, type Database } from '../../src/db/client.ts'
import { environments } from '../../src/db/schema.ts'
import { defaultRepositoryFile as file } from '../../src/environments/repository-file.ts'
import { createBundleCache } from '../../src/runner/bundle-cache.ts'
import { createTestBuilder } from '../support/builder.ts'
import { freshDatabase } from '../support/postgres.ts'
import { bare, bareFiles, noRetry, packageFiles, workspaceFiles } from '../support/projects.ts'

let database: Database
let place: Awaited<ReturnType<typeof createTestBuilder>>
beforeAll(async () => {
  database = connect(await freshDatabase(inject('postgresUrl')), { max: 10, name: 'pipeline test' })
  place = await createTestBuilder(database.db)
})
afterAll(async () => {
  await place.close()
  await database.close()
})

const hello = `import { defer } from '@defer/client'
import { greet } from '../../lib/greet.ts'
async function hello(name: string): Promise<string> {
  return greet(name)
}
export default defer(hello, { retry: 3, concurrency: 2, maxDuration: 60 })
`
const report = `import { defer } from 'defer1'
export default defer.cron(async function report() {}, '0 6 * * *')
`
const legacy = `const { defer } = require('@defer/client')
const os = require('os')
module.exports = defer(async function legacy() { return os.platform() + typeof __dirname })
`
const shop = {
  ...packageFiles,
  'lib/greet.ts': 'export const greet = (name: string): string => "Hello ".concat(name)\n',
  'src/defer/hello.ts': hello,
  'src/defer/reports/report.ts': report,
  'src/defer/legacy.cjs': legacy,
  'src/defer/hello.test.ts': 'throw new Error("not a function")\n',
}

describe('a project with the clients of Defer', () => {
  test('is installed, bundled, discovered, published and released; the second time from the cache', async () => {
    const environment = await place.environment()
    const first = await place.build(environment.id, shop)

    expect(first.failure).toBeNull()
    expect(first).toMatchObject({ state: 'succeeded', installCached: false, tries: 1 })
    expect(first.manifest?.map(({ name, file, options }) => ({ name, file, options }))).toEqual([
      {
        name: 'hello',
        file: 'src/defer/hello.ts',
        options: {
          cron: null,
          retry: { ...noRetry, maxAttempts: 3 },
          concurrency: 2,
          maxDuration: 60,
          maxConcurrencyAction: 'keep',
        },
      },
      {
        name: 'legacy',
        file: 'src/defer/legacy.cjs',
        options: {
          cron: null,
          retry: noRetry,
          concurrency: null,
          maxDuration: null,
          maxConcurrencyAction: 'keep',
        },
      },
      {
        name: 'report',
        file: 'src/defer/reports/report.ts',
        options: {
          cron: '0 6 * * *',
          retry: noRetry,
          concurrency: null,
          maxDuration: null,
          maxConcurrencyAction: 'keep',
        },
      },
    ])
    expect(await place.events(first.id)).toEqual([
      'build.queued',
      'build.progressed fetching',
      'build.progressed installing',
      'build.progressed compiling',
      'build.progressed publishing',
      'build.succeeded',
      'release.activated',
    ])
    const log = await place.log(first.id)
    expect(log).toContainEqual(expect.stringMatching(/^installing: added 3 packages/))
    expect(log).toContainEqual('compiling: Functions: hello, legacy, report')
    expect(log.some(line => line.includes('Running in development mode'))).toBe(false)

    const second = await place.build(environment.id, { 'README.md': 'changed' })
    expect(second).toMatchObject({ state: 'succeeded', installCached: true, manifest: first.manifest })
    expect(await place.versions(environment.id)).toEqual([
      { name: 'hello', number: 1 },
      { name: 'legacy', number: 1 },
      { name: 'report', number: 1 },
    ])
    const [live] = await database.db.select().from(environments).where(eq(environments.id, environment.id))
    expect(live?.activeBuildId).toBe(second.id)
    expect(await place.leftovers()).toEqual([])
  })

  test('a bundle runs by itself and says nothing of where it was built', async () => {
    const environment = await place.environment()
    const build = await place.build(environment.id, shop)
    const [hello, legacy] = build.manifest ?? []
    if (!hello || !legacy) throw new Error('no functions')
    const code = await place.contents(hello.bundleDigest)
    const maps = await place.contents(hello.sourceMapDigest)
    for (const text of [...Object.values(code), ...Object.values(maps)]) {
      expect(text).not.toContain(place.folders.builds)
      expect(text).not.toContain('cache/installs')
    }
    expect(Object.values(code).join('\n')).toContain('node_modules/@defer/client/index.js')
    const sources = Object.values(maps).flatMap(map => JSON.parse(map).sources)
    expect(sources).toContain('src/defer/hello.ts')
    expect(sources).toContain('lib/greet.ts')
    for (const [name, text] of Object.entries(code)) {
      expect(text.trimEnd().split('\n').at(-1)).toBe(`//# sourceMappingURL=${name}.map`)
      expect(maps).toHaveProperty([`${name}.map`])
    }

    const folder = path.join(place.folders.builds, '../versions')
    const cache = createBundleCache(folder, place.artifacts)
    const { entry } = await cache.fetch(legacy.bundleDigest, legacy.sourceMapDigest)
    const script = `console.log(await (await import(${JSON.stringify(entry)})).default.__fn())`
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '--eval', script],
      { env: { DEFER_TOKEN: 'test' } },
    )
    expect(stdout).toBe(`${process.platform}string\n`)
    await rm(folder, { recursive: true })
  })

  test('a pull request gets neither the install of the branches nor what was downloaded for them', async () => {
    const { id } = place.repository
    const branch = await place.environment()
    await place.build(branch.id, shop)
    expect(await readdir(place.folders.downloads)).toEqual([`${id}-branches`])
    const preview = await place.environment({ pullNumber: 7 })
    expect(await place.build(preview.id, shop)).toMatchObject({ state: 'succeeded', installCached: false })
    expect((await readdir(place.folders.downloads)).toSorted()).toEqual([`${id}-branches`, `${id}-previews`])
  })

  test('an install that lost a package is made again at once', async () => {
    const environment = await place.environment()
    await place.build(environment.id, shop)
    for (const key of await readdir(place.folders.installs))
      await rm(path.join(place.folders.installs, key, 'tree/node_modules/@defer'), { recursive: true })
    const build = await place.build(environment.id, { 'README.md': 'again' })
    expect(build).toMatchObject({ state: 'succeeded', installCached: false, tries: 1 })
    expect(await place.log(build.id)).toContainEqual(
      expect.stringMatching(/^installing: The cached dependencies \(\w+\) are damaged: installed anew/),
    )
    expect((await readdir(place.folders.installs)).filter(name => name.startsWith('.'))).toEqual([])
  })
})

test('a workspace: the lockfile is above the root, a sibling package is TypeScript', async () => {
  const environment = await place.environment({ root: 'packages/jobs' })
  const removed = Object.fromEntries(Object.keys(shop).map(file => [file, null]))
  await place.source.commit(removed)
  const build = await place.build(environment.id, workspaceFiles)
  expect(build.failure).toBeNull()
  expect(build.manifest?.map(({ name, file }) => [name, file])).toEqual([
    ['send', 'packages/jobs/src/defer/send.ts'],
  ])
  const [send] = build.manifest ?? []
  const code = Object.values(await place.contents(send?.bundleDigest ?? '')).join('\n')
  expect(code).toContain('noreply@example.com')
  expect(code).toContain('// packages/mail/index.ts')
  await place.source.commit(Object.fromEntries(Object.keys(workspaceFiles).map(file => [file, null])))
})

test('a prebuild command makes code before it is bundled, and sees none of our settings', async () => {
  const prebuild = 'env | cut -d= -f1 | sort | tr "\\n" " " && echo "export const answer = 42" > made.js'
  const own = await createTestBuilder(database.db, {
    config: { ...file, build: { ...file.build, prebuild } },
  })
  try {
    process.env.SLUICE_MASTER_KEY_CANARY = 'must not be seen'
    const environment = await own.environment()
    const build = await own.build(environment.id, {
      ...bareFiles,
      'defer/ask.js': `import { answer } from '../made.js'\n${bare('ask', 'return answer')}`,
    })
    expect(build.failure).toBeNull()
    expect(await own.events(build.id)).toContain('build.progressed generating')
    const seen = (await own.log(build.id)).find(line => line.includes('TMPDIR'))
    expect(seen).toMatch(/ HOME .* TMPDIR /)
    expect(seen).not.toMatch(/SLUICE|DATABASE|npm_|TOKEN|SECRET/)
  } finally {
    delete process.env.SLUICE_MASTER_KEY_CANARY
    await own.close()
  }
})

test('the same sources give the same bytes in another folder', async () => {
  const other = await createTestBuilder(database.db)
  try {
    const files = { ...bareFiles, 'defer/hello.js': bare('hello') }
    const here = await place.build((await place.environment()).id, files)
    const there = await other.build((await other.environment()).id, files)
    expect(there.manifest).toEqual(here.manifest)
    expect(here.manifest).toHaveLength(1)
  } finally {
    await other.close()
  }
})
