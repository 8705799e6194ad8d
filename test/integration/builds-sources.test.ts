// What a build is made of: one archive for many environments, submodules in their places, pointers of Git LFS told apart,
// and repositories with nothing, or too much, in them. Real git, real PostgreSQL, two repositories of one host.
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest'
import { admit } from '../../src/builds/admission/admit.ts'
import { createArchives } from '../../src/builds/archive/archive-cache.ts'
import { defaultLimits as archiveLimits } from '../../src/builds/archive/entries.ts'
import type { Source } from '../../src/builds/ports.ts'
import type { Limits } from '../../src/builds/tools.ts'
import { connect, type Database } from '../../src/db/client.ts'
import { AppError } from '../../src/errors.ts'
import { createGitSource, type GitSource } from '../fakes/source.ts'
import { createTestBuilder } from '../support/builder.ts'
import { freshDatabase } from '../support/postgres.ts'
import { bare, bareFiles, type Files } from '../support/projects.ts'

let database: Database
beforeAll(async () => {
  database = connect(await freshDatabase(inject('postgresUrl')), { max: 10, name: 'sources test' })
})
afterAll(() => database.close())

/** `lib` and `deep` live beside the repository that is built; anything else is not there, or not to be seen. */
async function setup(limits: Partial<Limits> = {}) {
  const place = await createTestBuilder(database.db, { limits })
  const [lib, deep] = [await createGitSource(), await createGitSource()]
  onTestFinished(async () => {
    await Promise.all([place.close(), lib.remove(), deep.remove()])
  })
  const others: Record<string, GitSource> = { lib, deep, [place.repository.name]: place.source }
  function sourceOf(name: string): GitSource {
    const found = others[name]
    if (!found) throw new AppError('unavailable', 'GitHub answered 404', { status: 404 })
    return found
  }
  const source: Source = {
    ...place.source,
    tree: (repository, sha) => sourceOf(repository.name).tree(repository, sha),
    tarball: (repository, sha, to, signal) => sourceOf(repository.name).tarball(repository, sha, to, signal),
  }
  place.builder.source = source
  place.builder.archives = createArchives(place.folders.archives, source)
  const environment = await place.environment()
  return { ...place, lib, deep, open: place.environment, environment }
}

const fine = { ...bareFiles, 'defer/x.js': bare('x') }
const usesLib = {
  ...bareFiles,
  'defer/x.js': `import { greeting } from '../vendor/lib/index.js'\n${bare('x', 'return greeting')}`,
}
const modules = (...paths: [path: string, url: string][]) =>
  paths.map(([path, url]) => `[submodule "${path}"]\n\tpath = ${path}\n\turl = ${url}\n`).join('')

test('many environments of one commit share one download', async () => {
  const { open, core, ...place } = await setup()
  const sha = await place.source.commit(fine)
  const commit = { sha, message: 'a change', author: 'ada' }
  const ids = await Promise.all(
    Array.from({ length: 6 }, async () => {
      const { id: environmentId } = await open()
      const ref = 'refs/heads/main'
      const request = { commit, ref, again: false, actor: 'ada', tree: null }
      return (await admit(core, environmentId, request)) ?? ''
    }),
  )
  await Promise.all(ids.map(id => place.work(id)))
  for (const id of ids) expect((await place.buildOf(id)).state).toBe('succeeded')
  expect(place.source.fetched).toBe(1)
})

describe('submodules', () => {
  test('are fetched at their commits, those of submodules too', async () => {
    const { environment, lib, deep, ...place } = await setup()
    const deepest = await deep.commit({ 'word.js': 'export const word = "deep-inside"\n' })
    await deep.commit({ 'word.js': 'export const word = "newer"\n' })
    await lib.link('deep', deepest)
    const commit = await lib.commit({
      'index.js': 'export { word as greeting } from "./deep/word.js"\n',
      '.gitmodules': modules(['deep', '../deep.git']),
    })
    await place.source.link('vendor/lib', commit)
    const build = await place.build(environment.id, {
      ...usesLib,
      '.gitmodules': modules(['vendor/lib', 'git@git.example.com:acme/lib.git']),
    })
    expect(build.failure).toBeNull()
    const code = JSON.stringify(await place.contents(build.manifest?.[0]?.bundleDigest ?? ''))
    expect(code).toContain('deep-inside')
    expect(code).not.toContain('newer')
    expect(await place.log(build.id)).toContainEqual(`fetching: Submodule vendor/lib: acme/lib at ${commit}`)
    expect(await place.leftovers()).toEqual([])
  })

  test('listed without a commit, and commits that are not listed, are passed over', async () => {
    const { environment, lib, ...place } = await setup()
    await place.source.link('stray', await lib.commit({ 'index.js': '' }))
    const build = await place.build(environment.id, {
      ...fine,
      '.gitmodules': modules(['gone', 'https://elsewhere.example/x.git']),
    })
    expect(build).toMatchObject({ state: 'succeeded', failure: null })
  })

  const refused: Record<string, { url: string; code: string; message: RegExp }> = {
    'on another host': {
      url: 'https://elsewhere.example/acme/lib.git',
      code: 'submodule_refused',
      message: /"vendor\/lib".*elsewhere\.example.*own host.*correct its url/,
    },
    'with a password in its address': {
      url: 'https://me:hunter2@git.example.com/acme/lib.git',
      code: 'submodule_refused',
      message: /"vendor\/lib" is not fetched: its address holds a password/,
    },
    'of a repository that cannot be seen': {
      url: '../hidden.git',
      code: 'submodule_unreadable',
      message: /"vendor\/lib", commit [0-9a-f]{40} of acme\/hidden.*install the GitHub App on acme\/hidden/,
    },
  }
  test.each(Object.entries(refused))('%s: told with its path', async (_name, { url, code, message }) => {
    const { environment, lib, ...place } = await setup()
    await place.source.link('vendor/lib', await lib.commit({ 'index.js': 'export const greeting = 1\n' }))
    const build = await place.build(environment.id, {
      ...usesLib,
      '.gitmodules': modules(['vendor/lib', url]),
    })
    expect(build.failure).toMatchObject({ code, message: expect.stringMatching(message) })
    expect(JSON.stringify([build, await place.log(build.id)])).not.toContain('hunter2')
  })

  test('at a commit that was never pushed', async () => {
    const { environment, ...place } = await setup()
    await place.source.link('vendor/lib', 'b'.repeat(40))
    const build = await place.build(environment.id, {
      ...usesLib,
      '.gitmodules': modules(['vendor/lib', '../lib']),
    })
    expect(build.failure).toMatchObject({
      code: 'submodule_unreadable',
      message: expect.stringMatching(/commit b{40}/),
    })
  })

  test('more than fifty are refused', async () => {
    const { environment, lib, ...place } = await setup()
    const commit = await lib.commit({ 'index.js': '' })
    const paths = Array.from({ length: 51 }, (_, index) => `vendor/m${index}`)
    for (const path of paths) await place.source.link(path, commit)
    const build = await place.build(environment.id, {
      ...fine,
      '.gitmodules': modules(...paths.map((path): [string, string] => [path, '../lib'])),
    })
    expect(build.failure).toMatchObject({
      code: 'submodule_refused',
      message: expect.stringMatching(/more than 50/),
    })
  })

  test('that contain each other for ever end at the depth', async () => {
    const { environment, lib, deep, ...place } = await setup()
    // A real circle needs a commit that names itself; a chain that is long enough does the same.
    let below = await deep.commit({ 'end.js': '' })
    for (const [index, one] of [lib, deep, lib, deep, lib, deep].entries()) {
      await one.link('next', below)
      const url = index % 2 === 0 ? '../deep' : '../lib'
      below = await one.commit({ '.gitmodules': modules(['next', url]), 'round.txt': String(index) })
    }
    await place.source.link('next', below)
    const build = await place.build(environment.id, { ...fine, '.gitmodules': modules(['next', '../deep']) })
    expect(build.failure).toMatchObject({
      code: 'submodule_refused',
      message: expect.stringMatching(/"next(\/next){5}" is nested deeper than 5/),
    })
  })

  test('count for the caps of the whole', async () => {
    const { environment, lib, ...place } = await setup({
      archive: { ...archiveLimits, packedBytes: 1_000_000, unpackedBytes: 40_000 },
    })
    const commit = await lib.commit({ 'large.txt': 'x'.repeat(39_000) })
    await place.source.link('vendor/lib', commit)
    const files = { ...fine, 'own.txt': 'x'.repeat(10_000) }
    const build = await place.build(environment.id, {
      ...files,
      '.gitmodules': modules(['vendor/lib', '../lib']),
    })
    expect(build.failure).toMatchObject({
      code: 'submodule_refused',
      message: expect.stringMatching(/^The submodule "vendor\/lib": .*unpacks to more than/),
    })
  })
})

describe('Git LFS', () => {
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 123456\n`
  const cases: Record<string, { files: Files; message: RegExp }> = {
    'a function file': {
      files: { ...bareFiles, 'defer/x.js': pointer },
      message: /^defer\/x\.js is kept with Git LFS/,
    },
    'an imported module': {
      files: { ...bareFiles, 'defer/x.js': `import '../lib/y.js'\n${bare('x')}`, 'lib/y.js': pointer },
      message: /^lib\/y\.js is kept with Git LFS/,
    },
    'an imported text': {
      files: {
        ...bareFiles,
        'defer/x.js': `import text from '../lib/y.txt'\n${bare('x', 'return text')}`,
        'lib/y.txt': pointer,
      },
      message: /^lib\/y\.txt is kept with Git LFS.*Include Git LFS objects in archives/,
    },
  }
  test.each(Object.entries(cases))(
    '%s that is a pointer is told as one',
    async (_name, { files, message }) => {
      const { environment, ...place } = await setup()
      const build = await place.build(environment.id, files)
      expect(build.failure).toMatchObject({ code: 'lfs_pointer', message: expect.stringMatching(message) })
      expect(build.failure?.annotations).toHaveLength(1)
    },
  )

  test('a pointer that nothing uses is a line in the log', async () => {
    const { environment, ...place } = await setup()
    const build = await place.build(environment.id, { ...fine, 'media/film.mp4': pointer })
    expect(build.state).toBe('succeeded')
    expect(await place.log(build.id)).toContainEqual(expect.stringMatching(/Git LFS.*media\/film\.mp4$/))
  })
})

describe('a commit', () => {
  test('without a single file', async () => {
    const { environment, ...place } = await setup()
    const build = await place.build(environment.id, {})
    expect(build.failure).toMatchObject({ code: 'package_json_missing' })
  })

  test('with more files than are taken', async () => {
    const { environment, ...place } = await setup({
      archive: { ...archiveLimits, packedBytes: 1_000_000, entries: 100 },
    })
    const many = Object.fromEntries(Array.from({ length: 120 }, (_, index) => [`many/${index}.txt`, 'x']))
    const build = await place.build(environment.id, { ...fine, ...many })
    expect(build.failure).toMatchObject({
      code: 'archive_refused',
      message: expect.stringMatching(/more than 100 entries/),
    })
    expect(await place.leftovers()).toEqual([])
  })

  test('whose archive is larger than is taken', async () => {
    const { environment, ...place } = await setup({ archive: { ...archiveLimits, packedBytes: 100 } })
    const build = await place.build(environment.id, fine)
    expect(build.failure).toMatchObject({
      code: 'archive_refused',
      message: expect.stringMatching(/more than the 100 that are taken/),
    })
  })
})
