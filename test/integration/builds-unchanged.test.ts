// Which pushes to a repository of several projects are built where: over real git, with real installs and bundles.
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { rebuild } from '../../src/builds/admission/rebuild.ts'
import { headline } from '../../src/builds/views/view.ts'
import { loadBuildView } from '../../src/builds/views/view-store.ts'
import { failureWords, stageTimes, unchangedWords } from '../../src/builds/views/view-words.ts'
import { connect, type Database } from '../../src/db/client.ts'
import { builds, environments } from '../../src/db/schema.ts'
import { setVariables } from '../../src/environments/variables.ts'
import { resume } from '../../src/functions/resume.ts'
import { rollback } from '../../src/functions/rollback.ts'
import { createMonorepo, functionOf, monorepo } from '../support/monorepo.ts'
import { freshDatabase } from '../support/postgres.ts'

let database: Database
beforeAll(async () => {
  database = connect(await freshDatabase(inject('postgresUrl')), { max: 10, name: 'unchanged test' })
})
afterAll(() => database.close())

async function setup() {
  const place = await createMonorepo(database.db)
  await place.push(monorepo)
  await place.workQueue()
  expect(await place.newest()).toEqual({ bills: 'succeeded', jobs: 'succeeded', web: 'succeeded' })
  return place
}

test('only the environments are built whose project, packages or configuration a push changes', async () => {
  const place = await setup()
  const { source } = place
  const [first] = await place.buildsIn('jobs')
  expect(first?.scope).toEqual([
    '*',
    'apps/*',
    'apps/jobs/**',
    'package-lock.json',
    'packages/*',
    'packages/mail/**',
  ])

  const table: [string, Record<string, string>, string[]][] = [
    ['a function of one', { 'apps/jobs/defer/jobs.js': functionOf('jobs', '2') }, ['jobs']],
    ['a document', { 'README.md': 'More of it', 'docs/guide.md': 'New' }, []],
    [
      'the package two of them need',
      { 'packages/mail/index.ts': 'export const sender = "me"' },
      ['bills', 'jobs'],
    ],
    ['a file of that package nobody imports', { 'packages/mail/unused.ts': '// later' }, ['bills', 'jobs']],
    ['the lockfile', { 'package-lock.json': `${monorepo['package-lock.json']} ` }, ['bills', 'jobs', 'web']],
    ['a configuration of all', { 'tsconfig.json': '{}' }, ['bills', 'jobs', 'web']],
    ['another project', { 'apps/other/index.js': '' }, []],
  ]
  for (const [what, files, built] of table) {
    const [asked, fetched] = [source.treesRead, source.fetched]
    await place.push(files)
    expect([what, source.treesRead - asked]).toEqual([what, 1])
    const newest = await place.newest()
    expect([what, Object.keys(newest).filter(name => newest[name] === 'queued')]).toEqual([what, built])
    expect(Object.values(newest).filter(state => state === 'unchanged')).toHaveLength(3 - built.length)
    await place.workQueue()
    // However many are built, they share the commit's archive.
    expect([what, source.fetched - fetched]).toEqual([what, Math.min(1, built.length)])
  }
  const jobs = await place.buildsIn('jobs')
  const last = jobs.at(-1)
  expect(last).toMatchObject({ state: 'unchanged', startedAt: null, manifest: null, number: 8 })
  expect(jobs.find(build => build.id === last?.sameAsBuildId)).toMatchObject({
    state: 'succeeded',
    number: 7,
  })
  expect((await place.environmentOf('jobs')).activeBuildId).toBe(last?.sameAsBuildId)
  expect(await place.events(last?.id ?? '')).toEqual(['build.unchanged'])
  await place.close()
})

test('builds that need the same install at the same time run it once', async () => {
  const place = await createMonorepo(database.db)
  await place.push(monorepo)
  const ids = place.core.sent.filter(job => job.queue === 'build').map(job => String(job.data.buildId))
  await Promise.all(ids.map(id => place.work(id)))
  const logs = await Promise.all(ids.map(id => place.log(id)))
  const said = (words: string) => logs.filter(lines => lines.some(line => line.includes(words))).length
  expect(ids).toHaveLength(3)
  expect([said('npm ci'), said('taken from the cache')]).toEqual([1, 2])
  expect(said('which installs the same dependencies')).toBeGreaterThan(0)
  expect((await Promise.all(ids.map(place.buildOf))).map(build => build.installCached).sort()).toEqual([
    false,
    true,
    true,
  ])
  await place.close()
})

test('a revert to what is live overtakes the build under way; what failed in between does not matter', async () => {
  const place = await setup()
  await place.push({ 'apps/web/defer/web.js': functionOf('web', '2') })
  await place.push({ 'apps/web/defer/web.js': functionOf('web', '1') })
  await place.workQueue()
  expect(await place.states('web')).toEqual(['succeeded', 'superseded', 'unchanged'])

  await place.push({ 'apps/web/defer/web.js': 'export default (' })
  await place.workQueue()
  await place.push({ 'apps/web/defer/web.js': functionOf('web', '1') })
  expect((await place.states('web')).slice(3)).toEqual(['failed', 'unchanged'])
  const [first, , , failed, last] = await place.buildsIn('web')
  expect(last?.sameAsBuildId).toBe(first?.id)
  expect(failed?.failure).toMatchObject({ code: 'compile_failed', stage: 'compiling' })
  expect(failed?.stages.map(({ stage }) => stage)).toEqual(['fetching', 'installing', 'compiling'])

  await rebuild(place.core, { buildId: last?.id ?? '', actor: 'ada' })
  await place.workQueue()
  expect((await place.states('web')).slice(4)).toEqual(['unchanged', 'succeeded'])
  await place.close()
})

test('other settings, other variables of builds and watched folders ask for a build', async () => {
  const place = await setup()
  const mapped = (web: string) => ({
    '.github/sluice.yml': `environments:\n  jobs: { branch: main, root: apps/jobs }\n  web: ${web}\n`,
  })
  const root = 'branch: main, root: apps/web'
  await place.push(mapped(`{ ${root}, watch: [db/schema] }`))
  await place.workQueue()
  await place.push({ 'db/other.sql': '' })
  await place.push({ 'db/schema/one.sql': '' })
  await place.workQueue()
  expect(await place.states('web')).toEqual(['succeeded', 'succeeded', 'unchanged', 'succeeded'])

  await place.push(mapped(`{ ${root}, watch: [db/schema], build: { install_scripts: [esbuild] } }`))
  await place.workQueue()
  const { id: environmentId } = await place.environmentOf('web')
  const owner = { repositoryId: place.repository.id, environmentId }
  const set = (name: string, scope: 'run' | 'build') =>
    setVariables(database.db, place.masterKey, owner, [{ name, value: 'a value of it', scope }])
  await set('AT_RUN', 'run')
  await place.push({ 'db/other.sql': '1' })
  await set('AT_BUILD', 'build')
  await place.push({ 'db/other.sql': '2' })
  await place.workQueue()
  expect((await place.states('web')).slice(4)).toEqual(['succeeded', 'unchanged', 'succeeded'])
  expect(await place.states('jobs')).toEqual(['succeeded', ...Array(6).fill('unchanged')])
  await place.close()
})

test('a rollback to a commit that changed nothing goes to the build that stood for it', async () => {
  const place = await setup()
  const unchanged = await place.push({ 'README.md': 'more' })
  await place.push({ 'apps/web/defer/web.js': functionOf('web', '2') })
  await place.workQueue()
  const { id: environmentId } = await place.environmentOf('web')
  const by = { environmentId, functionName: null, actor: 'ada', dryRun: false, reason: null }
  expect(await rollback(place.core, { ...by, to: unchanged.slice(0, 8) })).toMatchObject({
    code: 'rolled_back',
  })
  const [first] = await place.buildsIn('web')
  expect((await place.environmentOf('web')).activeBuildId).toBe(first?.id)
  await place.close()
})

test('M22: its reports name the build that stands and what was compared', async () => {
  const place = await setup()
  const first = (await place.buildsIn('jobs')).at(-1)
  await place.push({ 'README.md': 'more' })
  const view = await loadBuildView(database.db, (await place.buildsIn('jobs')).at(-1)?.id ?? '')
  if (!view) throw new Error('no view')
  expect(view.sameAs).toMatchObject({ number: 1, sha: first?.sha, changes: { added: ['jobs'] } })
  expect([headline(view), unchangedWords(view)]).toEqual([
    'Unchanged, still build 1',
    `Nothing in apps/jobs, packages/mail or its configuration changed since ${first?.sha.slice(0, 7)}`,
  ])
  await place.push({ 'packages/mail/index.ts': 'export default (' })
  await place.workQueue()
  const failed = await loadBuildView(database.db, (await place.buildsIn('jobs')).at(-1)?.id ?? '')
  if (!failed) throw new Error('no view')
  expect(failed).toMatchObject({ previous: 'succeeded', installCached: null })
  expect(failureWords(failed)).toMatchObject({
    ...{ code: 'compile_failed', stage: 'compile', remedy: 'Correct the lines that are named.' },
    place: 'packages/mail/index.ts:1',
  })
  expect(stageTimes(failed)).toMatch(/^fetch [\d.]+ s · install [\d.]+ s · compile [\d.]+ s$/)
  expect(failed.log.map(({ stage }) => stage)).toContain('installing')
  await place.close()
})

test('a pin stays a pin, and what waits behind it goes live when it is lifted', async () => {
  const place = await setup()
  await place.push({ 'apps/web/defer/web.js': functionOf('web', '2') })
  await place.workQueue()
  const { id: environmentId } = await place.environmentOf('web')
  const by = { environmentId, functionName: null, actor: 'ada', dryRun: false }
  await rollback(place.core, { ...by, to: null, reason: null })
  const [first, second] = await place.buildsIn('web')
  await place.push({ 'README.md': 'pinned' })
  expect((await place.buildsIn('web')).at(-1)).toMatchObject({
    state: 'unchanged',
    sameAsBuildId: second?.id,
  })
  expect((await place.environmentOf('web')).activeBuildId).toBe(first?.id)
  await resume(place.core, by)
  expect((await place.environmentOf('web')).activeBuildId).toBe(second?.id)
  await place.close()
})

test('what cannot be told is built: a tree too large to list, a build of an earlier version, one that never went live', async () => {
  const place = await setup()
  const { db } = database
  const { tree } = place.source
  place.source.tree = async () => null
  await place.push({ 'README.md': '1' })
  place.source.tree = tree
  expect((await place.newest()).web).toBe('queued')
  await place.workQueue()
  await place.push({ 'README.md': '2' })
  expect((await place.newest()).web).toBe('unchanged')

  const { id } = await place.environmentOf('web')
  await db.update(builds).set({ contentDigest: 'of another builder' }).where(eq(builds.environmentId, id))
  await place.push({ 'README.md': '3' })
  expect((await place.newest()).web).toBe('queued')
  await place.workQueue()

  await db.update(environments).set({ activeBuildId: null }).where(eq(environments.id, id))
  await place.push({ 'README.md': '4' })
  expect(await place.newest()).toEqual({ bills: 'unchanged', jobs: 'unchanged', web: 'queued' })
  await place.close()
})
