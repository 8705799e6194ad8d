// What a disk, a power cut or a stray program does to the cached dependencies: it is found out, and the next try has whole ones.
import { appendFile, readdir, readFile, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest'
import { noteLook } from '../../src/builds/installing/install-cache.ts'
import { lookThrough } from '../../src/builds/installing/tree-threads.ts'
import { connect, type Database } from '../../src/db/client.ts'
import { createTestBuilder } from '../support/builder.ts'
import { freshDatabase } from '../support/postgres.ts'
import { packageFiles } from '../support/projects.ts'

const files = {
  ...packageFiles,
  'src/defer/hello.ts': `import { defer } from '@defer/client'
import parse from 'parse-duration'
export default defer(async function hello() { return parse('1 min') })
`,
}

let database: Database
let place: Awaited<ReturnType<typeof createTestBuilder>>
let environmentId: string
let code: Record<string, string>
let entry: string
const packaged = (name: string) => path.join(entry, 'tree/node_modules/parse-duration', name)
const always = new AbortController().signal

beforeAll(async () => {
  database = connect(await freshDatabase(inject('postgresUrl')), { max: 10, name: 'damage test' })
  place = await createTestBuilder(database.db)
})
afterAll(async () => {
  await place.close()
  await database.close()
})

beforeEach(async () => {
  environmentId = (await place.environment()).id
  const build = await place.build(environmentId, files)
  expect(build.failure).toBeNull()
  code = await place.contents(build.manifest?.[0]?.bundleDigest ?? '')
  const [key = ''] = await readdir(place.folders.installs)
  entry = path.join(place.folders.installs, key)
})

/** Builds, finds the damage, builds again: as what the queue does with a build that is to be tried again. */
async function buildTwice(): Promise<{ log: string[]; code: Record<string, string> }> {
  const buildId = await place.admit(environmentId, { 'README.md': crypto.randomUUID() })
  await expect(place.work(buildId)).rejects.toThrow('The cached dependencies are damaged')
  expect(await readdir(place.folders.installs)).toEqual([])
  await place.work(buildId)
  const build = await place.buildOf(buildId)
  expect(build).toMatchObject({ state: 'succeeded', installCached: false, tries: 2, failure: null })
  return {
    log: await place.log(buildId),
    code: await place.contents(build.manifest?.[0]?.bundleDigest ?? ''),
  }
}

async function flipByte(file: string): Promise<void> {
  const content = await readFile(file)
  content[0] = (content[0] ?? 0) ^ 1
  await writeFile(file, content)
}

const said = (what: string) =>
  expect.stringContaining(
    `To be tried again: The cached dependencies are damaged: ${what}. They were removed and are installed anew.`,
  )

describe('damage that the file system tells of', () => {
  test('a flipped byte', async () => {
    await flipByte(packaged('index.js'))
    const build = await buildTwice()
    expect(build.code).toEqual(code)
    expect(build.log).toContainEqual(said('node_modules/parse-duration/index.js is not as it was installed'))
  })

  test('a file cut off, as after a power cut', async () => {
    await truncate(packaged('package.json'), 20)
    const build = await buildTwice()
    expect(build.code).toEqual(code)
    expect(build.log).toContainEqual(
      said('node_modules/parse-duration/package.json is not as it was installed'),
    )
  })

  test('a file that is gone', async () => {
    await rm(packaged('index.js'))
    expect((await buildTwice()).log).toContainEqual(said('node_modules/parse-duration/index.js is gone'))
  })

  test('a file that nobody installed', async () => {
    await writeFile(packaged('extra.js'), 'export default () => 7')
    expect((await buildTwice()).log).toContainEqual(
      said('node_modules/parse-duration/extra.js was not installed'),
    )
  })

  test('notes that are damaged themselves', async () => {
    await writeFile(path.join(entry, 'contents.json'), '[')
    await appendFile(packaged('index.js'), '\n')
    await expect(buildTwice()).resolves.toBeDefined()
  })
})

describe('damage that no file system tells of', () => {
  async function flipSecretly(readAt: number): Promise<void> {
    // What was bundled of the package before would be taken as it is.
    await rm(path.join(entry, 'packages'), { recursive: true, force: true })
    await writeFile(packaged('index.js'), 'export default () => {')
    const { state } = await lookThrough({ tree: path.join(entry, 'tree'), read: false }, always)
    await noteLook(entry, { state, readAt })
  }

  test('is found before the author is told of a failure', async () => {
    await flipSecretly(Date.now() - 11 * 60_000)
    expect((await buildTwice()).code).toEqual(code)
  })

  test('is found within a day', async () => {
    await flipSecretly(Date.now() - 25 * 3_600_000)
    expect((await buildTwice()).code).toEqual(code)
  })
})

test('a data folder that was put back from a backup keeps its installs', async () => {
  const { atime } = await stat(packaged('index.js'))
  await utimes(packaged('index.js'), atime, new Date(0))
  for (let build = 0; build < 2; build++)
    expect(await place.build(environmentId, { 'README.md': crypto.randomUUID() })).toMatchObject({
      installCached: true,
      tries: 1,
    })
})
