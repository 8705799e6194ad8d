// Variables of an environment: kept sealed, given to its builds and to nobody else's, and in nothing that people read.
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest'
import { buildVariables } from '../../src/builds/scope/content-store.ts'
import { connect, type Database } from '../../src/db/client.ts'
import { variables } from '../../src/db/schema.ts'
import { defaultRepositoryFile as file } from '../../src/environments/repository-file.ts'
import {
  listNames,
  readVariables,
  removeVariable,
  type Setting,
  setVariables,
} from '../../src/environments/variables.ts'
import { createVariablesReader } from '../../src/environments/variables-reader.ts'
import { createTestBuilder } from '../support/builder.ts'
import { insertEnvironment, insertRepository } from '../support/place.ts'
import { freshDatabase } from '../support/postgres.ts'
import { privateName, startPrivateRegistry } from '../support/private-registry.ts'
import { bare, bareFiles } from '../support/projects.ts'

const key = 'a master key that is long enough'
let database: Database
beforeAll(async () => {
  database = connect(await freshDatabase(inject('postgresUrl')), { max: 10, name: 'variables test' })
})
afterAll(() => database.close())

async function setup() {
  const { db } = database
  const repository = await insertRepository(db)
  const environment = await insertEnvironment(db, repository.id)
  const everywhere = { repositoryId: repository.id, environmentId: null }
  const own = { repositoryId: repository.id, environmentId: environment.id }
  const set = (owner: typeof own | typeof everywhere, ...settings: Setting[]) =>
    setVariables(db, key, owner, settings)
  return {
    db,
    repository,
    environment,
    everywhere,
    own,
    set,
    read: () => readVariables(db, key, environment),
  }
}
const both = (name: string, value: string): Setting => ({ name, value, scope: 'both' })

test('what stands for the variables of builds changes when those do, and with nothing else', async () => {
  const { db, environment, everywhere, own, set } = await setup()
  const seen = async () => (await buildVariables(db, [environment]))(environment.id)
  await set(everywhere, both('SHARED', 'of the repository'), both('OTHER', 'any'))
  const first = await seen()
  await set(own, { name: 'OF_FUNCTIONS', value: 'any', scope: 'run' })
  expect(await seen()).toBe(first)
  // Builds no longer get the repository's.
  await set(own, { name: 'SHARED', value: 'own', scope: 'run' })
  const second = await seen()
  expect(second).not.toBe(first)
  // One that builds do not get anyway.
  await set(everywhere, both('SHARED', 'another one'))
  expect(await seen()).toBe(second)
  await removeVariable(db, own, 'SHARED')
  expect(await seen()).not.toBe(first)
})

describe('the variables of an environment', () => {
  test("are the repository's and its own, which count for more, by scope", async () => {
    const { everywhere, own, set, read } = await setup()
    await set(everywhere, both('SHARED', 'shared'), both('REPLACED', 'of the repository'))
    await set(
      own,
      { name: 'REPLACED', value: 'own', scope: 'run' },
      { name: 'BUILD', value: 'b', scope: 'build' },
    )
    const { build, run, secrets } = await read()
    expect(run.values).toEqual({ SHARED: 'shared', REPLACED: 'own' })
    // One's own takes the other's place also where it is not given.
    expect(build.values).toEqual({ SHARED: 'shared', BUILD: 'b' })
    expect(secrets.toSorted()).toEqual(['b', 'of the repository', 'own', 'shared'])
  })

  test('are changed and removed, each time with another revision of what it touches', async () => {
    const { db, own, set, read } = await setup()
    await set(own, { name: 'A', value: '1', scope: 'run' }, { name: 'B', value: '1', scope: 'build' })
    const first = await read()
    await set(own, { name: 'A', value: '2', scope: 'run' })
    const second = await read()
    expect(second.run).toMatchObject({ values: { A: '2' } })
    expect(second.run.revision).not.toBe(first.run.revision)
    expect(second.build.revision).toBe(first.build.revision)
    await removeVariable(db, own, 'A')
    expect((await read()).run).toMatchObject({ values: {} })
    await expect(removeVariable(db, own, 'A')).rejects.toMatchObject({ code: 'not_found' })
    expect(await listNames(db, own)).toEqual([{ name: 'B', scope: 'build', updatedAt: expect.any(Date) }])
  })

  test('are set all or none; what is refused is named, and no value repeated', async () => {
    const { db, own, set } = await setup()
    await expect(set(own, both('FINE', 'hunter2'), both('NODE_OPTIONS', 'hunter2'))).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringMatching(/^NODE_OPTIONS cannot be set(?!.*hunter2)/),
    })
    const large = Array.from({ length: 9 }, (_, index) => both(`LARGE_${index}`, 'x'.repeat(30_000)))
    await expect(set(own, ...large)).rejects.toMatchObject({ code: 'invalid' })
    expect(await listNames(db, own)).toEqual([])
  })

  test('are sealed: the table holds no value, and a row that was moved does not open', async () => {
    const { db, environment, own, everywhere, set, read } = await setup()
    await set(own, both('CANARY', 'canary-in-the-coal-mine'))
    const [row] = await db.select().from(variables).where(eq(variables.environmentId, environment.id))
    expect(JSON.stringify(row)).not.toContain('canary-in')
    await set(everywhere, both('OTHER', 'other'))
    await db
      .update(variables)
      .set({ sealed: row?.sealed ?? '' })
      .where(eq(variables.name, 'OTHER'))
    await expect(read()).rejects.toMatchObject({
      code: 'misconfigured',
      message: expect.stringMatching(/OTHER cannot be opened.*SLUICE_MASTER_KEY/),
    })
  })

  test('are read for functions again soon after they changed', async () => {
    const { db, environment, own, set } = await setup()
    const variablesOf = createVariablesReader(db, key)
    await set(own, both('A', '1'))
    expect(await variablesOf(environment.id)).toEqual({ A: '1' })
    await set(own, both('A', '2'))
    await expect.poll(() => variablesOf(environment.id), { timeout: 30_000 }).toEqual({ A: '2' })
    await expect(variablesOf('00000000-0000-0000-0000-000000000000')).rejects.toThrow('does not exist')
  })
})

const secret = 'sk_live_4eC39HqLyjWDarjtT1zdp7dc'

async function setupBuilder(prebuild: string | null) {
  const place = await createTestBuilder(database.db, {
    config: { ...file, build: { ...file.build, prebuild } },
  })
  onTestFinished(place.close)
  const environment = await place.environment()
  const owner = { repositoryId: place.repository.id, environmentId: environment.id }
  const set = (...settings: Setting[]) => setVariables(database.db, place.masterKey, owner, settings)
  return { ...place, open: place.environment, environment, set }
}
const fine = { ...bareFiles, 'defer/x.js': bare('x') }

describe('a build', () => {
  test('M46: gives its prebuild command the variables for builds, and its log shows none of their values', async () => {
    const prebuild = 'env | sort; printf %s "$API_KEY" | base64 -w 0; printf %s "me:$API_KEY" | base64 -w 0'
    const { environment, set, ...place } = await setupBuilder(prebuild)
    await set(
      { name: 'API_KEY', value: secret, scope: 'build' },
      { name: 'RUN_KEY', value: 'only-for-functions', scope: 'run' },
      both('CERTIFICATE', 'first line of it\nsecond line of it\n'),
    )
    const build = await place.build(environment.id, fine)
    expect(build).toMatchObject({ state: 'succeeded', failure: null })
    const log = (await place.log(build.id)).join('\n')
    expect(log).toContain('generating: API_KEY=***')
    expect(log).toContain('generating: CERTIFICATE=***')
    for (const value of [secret, 'only-for-functions', 'second line', 'RUN_KEY', secret.slice(8, 24)])
      expect(log).not.toContain(value)
    const encoded = Buffer.from(secret).toString('base64')
    expect(log).not.toContain(encoded.slice(4, 20))
    expect(log).not.toContain(Buffer.from(`me:${secret}`).toString('base64').slice(8, 24))
  })

  test('M46: that fails shows none in its failure and its annotations', async () => {
    const { environment, set, ...place } = await setupBuilder('echo "no access with $API_KEY"; exit 3')
    await set(both('API_KEY', secret))
    const build = await place.build(environment.id, fine)
    expect(build.failure).toMatchObject({
      code: 'prebuild_failed',
      message: expect.stringContaining('no access with ***'),
      annotations: [{ message: expect.stringContaining('no access with ***') }],
    })
    expect(JSON.stringify([build, await place.log(build.id)])).not.toContain(secret)
  })

  test('of another environment, and the loading of functions, see none of them', async () => {
    const { environment, open, set, ...place } = await setupBuilder('test -z "$API_KEY"')
    await set(both('API_KEY', secret))
    const looking = `if (process.env.API_KEY) throw new Error('seen')\n${bare('x')}`
    const other = await open()
    expect(await place.build(other.id, { ...bareFiles, 'defer/x.js': looking })).toMatchObject({
      state: 'succeeded',
      failure: null,
    })
    const own = await place.build(environment.id, { 'README.md': 'again' })
    expect(own.failure).toMatchObject({ code: 'prebuild_failed' }) // it has one, so "test" fails
  })

  test('whose variables cannot be opened fails at once and says why', async () => {
    const { environment, set, ...place } = await setupBuilder(null)
    await set(both('API_KEY', secret))
    place.builder.variablesOf = one => readVariables(database.db, 'another master key', one)
    const build = await place.build(environment.id, fine)
    expect(build.failure).toMatchObject({
      code: 'variables_unreadable',
      message: expect.stringMatching(/API_KEY cannot be opened/),
    })
  })
})

describe('a private registry', () => {
  test("is reached with the environment's variable by the project's .npmrc, and the token stays nowhere", async () => {
    const registry = await startPrivateRegistry(secret)
    onTestFinished(registry.close)
    const { environment, open, set, ...place } = await setupBuilder(null)
    const json = (value: unknown) => JSON.stringify(value)
    const needs = { name: 'shop', private: true, type: 'module', dependencies: { [privateName]: '1.0.0' } }
    const { integrity, tarball: resolved } = registry
    const files = {
      'package.json': json(needs),
      'package-lock.json': json({
        ...{ name: 'shop', lockfileVersion: 3, requires: true },
        packages: { '': needs, [`node_modules/${privateName}`]: { version: '1.0.0', resolved, integrity } },
      }),
      '.npmrc': `@hidden:registry=${registry.url}\n//${new URL(registry.url).host}/:_authToken=\${NPM_TOKEN}\nspy=\${HOME}\n`,
      'defer/x.js': `import { word } from '${privateName}'\n${bare('x', 'return word')}`,
    }
    await set({ name: 'NPM_TOKEN', value: secret, scope: 'build' })
    const without = await place.build((await open()).id, files)
    expect(without.failure).toMatchObject({
      code: 'install_failed',
      message: expect.stringMatching(/\.npmrc:2 needs NPM_TOKEN, which is no variable of this environment/),
    })
    expect(registry.shown).toEqual(new Set())

    const build = await place.build(environment.id, { 'README.md': 'again' })
    expect(build).toMatchObject({ state: 'succeeded', failure: null })
    expect(registry.shown).toEqual(new Set([secret]))
    const code = JSON.stringify(await place.contents(build.manifest?.[0]?.bundleDigest ?? ''))
    expect(code).toContain('from-the-private-registry')
    expect(await place.log(build.id)).toContainEqual(expect.stringMatching(/\.npmrc:3 needs HOME/))
    expect(await filesHolding(path.dirname(place.folders.builds), secret)).toEqual([])
  })
})

async function filesHolding(folder: string, text: string): Promise<string[]> {
  const found: string[] = []
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const name = path.join(entry.parentPath, entry.name)
    if (entry.isFile() && (await readFile(name)).includes(text)) found.push(name)
  }
  return found
}
