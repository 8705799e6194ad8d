// One small project for each package manager, installed by the real one. The lockfiles (test/fixtures/package-managers) were
// written by the managers themselves and name no host: packages come from whatever registry the machine's npm uses.
import { readdir, readFile, utimes } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { evictInstalls } from '../../src/builds/installing/install-eviction.ts'
import { connect, type Database } from '../../src/db/client.ts'
import { createTestBuilder } from '../support/builder.ts'
import { freshDatabase } from '../support/postgres.ts'
import { type Files, packageFiles } from '../support/projects.ts'

const fixtures = path.resolve(import.meta.dirname, '../fixtures/package-managers')

let database: Database
let place: Awaited<ReturnType<typeof createTestBuilder>>
beforeAll(async () => {
  database = connect(await freshDatabase(inject('postgresUrl')), { max: 10, name: 'managers test' })
  place = await createTestBuilder(database.db)
})
afterAll(async () => {
  await place.close()
  await database.close()
})

/** The fixture's files, in a folder of the repository of their own. */
async function fixture(name: string): Promise<Files> {
  const found = await readdir(path.join(fixtures, name), { recursive: true, withFileTypes: true })
  const files = found.filter(entry => entry.isFile()).map(entry => path.join(entry.parentPath, entry.name))
  const texts = await Promise.all(
    files.map(async file => [
      path.join(name, path.relative(path.join(fixtures, name), file)),
      await readFile(file, 'utf8'),
    ]),
  )
  return Object.fromEntries(texts)
}

const hello = `import { defer } from '@defer/client'
async function hello(name: string) { return name }
export default defer(hello)
`
const send = `import { defer } from '@defer/client'
import { sender } from '@mono/mail'
async function send() { return sender }
export default defer(send)
`
const mail = 'export const sender: string = "noreply@example.com"\n'

const projects: Record<string, RegExp> = {
  'yarn-classic': /yarn install \(yarn 1\.22\./,
  'yarn-berry': /yarn install \(yarn 4\.12\./,
  'pnpm-6': /pnpm install \(pnpm 8\./,
  bun: /bun install \(bun 1\./,
}

describe('the lockfile decides what installs a project', () => {
  test.each(Object.entries(projects))('%s', async (name, command) => {
    const environment = await place.environment({ root: name })
    const files = { ...(await fixture(name)), [`${name}/defer/hello.ts`]: hello }
    const first = await place.build(environment.id, files)
    const log = await place.log(first.id)
    expect(first.failure, log.join('\n')).toBeNull()
    expect(first).toMatchObject({ state: 'succeeded', installCached: false })
    expect(log.join('\n')).toMatch(command)
    expect(first.manifest?.map(one => one.name)).toEqual(['hello'])

    const second = await place.build(environment.id, { 'README.md': name })
    expect(second).toMatchObject({ state: 'succeeded', installCached: true })
    expect(second.manifest).toEqual(first.manifest)
  })
})

describe('a workspace with a sibling in TypeScript', () => {
  test.each(['pnpm-workspace', 'yarn-workspace', 'bun-workspace'])('%s', async name => {
    const environment = await place.environment({ root: `${name}/packages/jobs` })
    const build = await place.build(environment.id, {
      ...(await fixture(name)),
      [`${name}/packages/jobs/defer/send.ts`]: send,
      [`${name}/packages/mail/index.ts`]: mail,
    })
    expect(build.failure, (await place.log(build.id)).join('\n')).toBeNull()
    const [bundle] = build.manifest ?? []
    const code = Object.values(await place.contents(bundle?.bundleDigest ?? '')).join('\n')
    expect(code).toContain(`// ${name}/packages/mail/index.ts`)
  })
})

describe('"packageManager" decides the version', () => {
  test('of npm', async () => {
    const environment = await place.environment({ root: 'npm' })
    const description = JSON.parse(packageFiles['package.json'] ?? '')
    const build = await place.build(environment.id, {
      'npm/package.json': JSON.stringify({ ...description, packageManager: 'npm@10.9.4' }),
      'npm/package-lock.json': packageFiles['package-lock.json'] ?? '',
      'npm/defer/hello.ts': hello,
    })
    const log = (await place.log(build.id)).join('\n')
    expect(build.failure, log).toBeNull()
    expect(log).toContain('npm ci (npm 10.9.4)')
  })

  test('and, with the hash that corepack writes, its content', async () => {
    const environment = await place.environment({ root: 'pinned' })
    const files = await fixture('yarn-classic')
    const packageManager =
      'yarn@1.22.22+sha512.a6b2f7906b721bba3d67d4aff083df04dad64c399707841b7acf00f6b133b7ac24255f2652fa22ae3534329dc6180534e98d17432037ff6fd140556e2bb3137e'
    const build = await place.build(environment.id, {
      'pinned/yarn.lock': files['yarn-classic/yarn.lock'] ?? '',
      'pinned/package.json': JSON.stringify({ packageManager, dependencies: { '@defer/client': '2.3.0' } }),
      'pinned/defer/hello.mts': hello,
    })
    expect(build.failure, (await place.log(build.id)).join('\n')).toBeNull()
  })
})

describe('what cannot be installed is told', () => {
  test.each(['yarn-classic', 'yarn-berry', 'pnpm-6', 'bun'])(
    'a lockfile of %s that is not up to date',
    async name => {
      const root = `stale/${name}`
      const files = Object.entries(await fixture(name)).map(([file, text]) => [
        `stale/${file}`,
        text.replace('"@defer/client": "2.3.0"\n', '"@defer/client": "1.15.0"\n'),
      ])
      const environment = await place.environment({ root })
      const build = await place.build(environment.id, {
        ...Object.fromEntries(files),
        [`${root}/defer/hello.ts`]: hello,
      })
      const log = (await place.log(build.id)).join('\n')
      expect(build.failure, log).toMatchObject({ code: 'lockfile_outdated' })
      expect(build.failure?.message).toMatch(/does not belong to the package.json files.*Run "/s)
    },
  )

  test('a lockfile of npm that is not up to date: what is missing, and not how npm is used', async () => {
    const environment = await place.environment({ root: 'stale/npm' })
    const build = await place.build(environment.id, {
      'stale/npm/package-lock.json': packageFiles['package-lock.json'] ?? '',
      'stale/npm/package.json': JSON.stringify({
        ...JSON.parse(packageFiles['package.json'] ?? ''),
        dependencies: { '@defer/client': '2.3.0', defer1: 'npm:@defer/client@1.15.0', ms: '2.1.3' },
      }),
      'stale/npm/defer/hello.ts': hello,
    })
    expect(build.failure, (await place.log(build.id)).join('\n')).toMatchObject({ code: 'lockfile_outdated' })
    expect(build.failure?.message).toMatch(/Missing: ms@2\.1\.3 from lock file/)
    expect(build.failure?.message).not.toMatch(/Usage|--ignore-scripts/)
  })

  test('a version that does not exist, and a hash that is not the package’s', async () => {
    const files = await fixture('yarn-classic')
    const ask = (packageManager: string) => ({
      'asking/yarn.lock': files['yarn-classic/yarn.lock'] ?? '',
      'asking/package.json': JSON.stringify({ packageManager, dependencies: { '@defer/client': '2.3.0' } }),
      'asking/defer/hello.ts': hello,
    })
    const environment = await place.environment({ root: 'asking' })
    const missing = await place.build(environment.id, ask('yarn@1.99.0'))
    expect(missing.failure).toMatchObject({ code: 'package_manager_unavailable' })
    const tampered = await place.build(environment.id, ask('yarn@1.22.22+sha512.00'))
    expect(tampered.failure).toMatchObject({ code: 'package_manager_hash_mismatch' })
  })
})

test('an install that was not used for long makes room, one that may be in use does not', async () => {
  const environment = await place.environment({ root: 'bun' })
  await place.build(environment.id, { ...(await fixture('bun')), 'bun/defer/hello.ts': hello })
  const { installs } = place.folders
  const [key = '', ...others] = await readdir(installs)
  expect(await evictInstalls(installs, new Date(), 0)).toEqual([])
  const yesterday = new Date(Date.now() - 86_400_000)
  await utimes(path.join(installs, key, 'complete.json'), yesterday, yesterday)
  expect(await evictInstalls(installs, new Date())).toEqual([])
  expect(await evictInstalls(installs, new Date(), 0)).toEqual([key])
  expect(await readdir(installs)).toEqual(others)
})
