// What each command does, who may say it, and that a dry run changes nothing, over a real PostgreSQL.
import { asc, eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { syncBranch } from '../../src/builds/admission/sync-branch.ts'
import { connect, type Database } from '../../src/db/client.ts'
import { buildLogs, builds, deletions, environments, events, functions } from '../../src/db/schema.ts'
import { partsOf } from '../../src/executions/log-parts.ts'
import { insertParts } from '../../src/executions/log-store.ts'
import { overlaysInForce } from '../../src/functions/overlays-store.ts'
import { deploy, setup } from '../support/commenting.ts'
import { insertEnvironment, insertExecutions } from '../support/place.ts'
import { freshDatabase } from '../support/postgres.ts'

let database: Database
beforeAll(async () => {
  database = connect(await freshDatabase(inject('postgresUrl')), { max: 20, name: 'commands test' })
})
afterAll(() => database.close())

describe('each command', () => {
  test('/pause and /resume, on the preview of the pull request they stand in', async () => {
    const { one, pausedIn, preview, production } = await setup(database.db)
    expect(await one('/pause hello for 2h "being fixed"')).toMatchObject({
      state: 'done',
      reasonCode: 'paused',
    })
    expect(await pausedIn(preview)).toEqual(['hello'])
    expect(await one('/resume hello')).toMatchObject({ state: 'done', reasonCode: 'resumed' })
    expect(await one('/pause')).toMatchObject({ state: 'done' })
    expect(await pausedIn(preview)).toEqual([null])
    expect(await pausedIn(production)).toEqual([])
  })

  test('/pause ends when it was told to', async () => {
    const { db, one, preview } = await setup(database.db)
    const row = await one('/pause hello for 2h')
    const [overlay] = await overlaysInForce(db, preview.id)
    expect((overlay?.until?.getTime() ?? 0) - (row.finishedAt?.getTime() ?? 0)).toBe(7_200_000)
    expect(await one('/pause hello for ever')).toMatchObject({
      state: 'refused',
      reasonCode: 'not_a_duration',
    })
    expect(await one('/pause hello for 999999w')).toMatchObject({
      state: 'refused',
      reasonCode: 'not_a_duration',
    })
  })

  test('/pause of production wants a reason', async () => {
    const { one, pausedIn, production } = await setup(database.db)
    expect(await one('/pause production hello')).toMatchObject({
      state: 'refused',
      reasonCode: 'reason_required',
    })
    expect(await pausedIn(production)).toEqual([])
    expect(await one('/pause production hello "upgrade"')).toMatchObject({ state: 'done' })
  })

  test('M35: /rollback goes back, and once more only when said once more', async () => {
    const { db, core, one, production } = await setup(database.db)
    await deploy(core, production.id, 2, ['hello', 'mail'], 'two')
    await deploy(core, production.id, 3, ['hello', 'mail'], 'three')
    expect(await one('/rollback production', { actor: 'rita' })).toMatchObject({
      state: 'refused',
      reasonCode: 'permission_denied',
    })
    const row = await one('/rollback production "broken"', { actor: 'max' })
    expect(row).toMatchObject({ state: 'done', reasonCode: 'rolled_back' })
    expect(row.reply).toContain('build 2')
    expect(await one('/rollback production to 3', { actor: 'max' })).toMatchObject({ state: 'refused' })
    expect(await one('/resume production', { actor: 'max' })).toMatchObject({ state: 'done' })
    expect(
      (await db.select().from(environments).where(eq(environments.id, production.id)))[0]?.activeBuildId,
    ).not.toBeNull()
  })

  test('M16, M19: /promote shows what it would do, and with the name typed twice switches; /rollback switches back', async () => {
    const { db, core, one, production, repository, functionNamed, source } = await setup(database.db)
    const staging = await insertEnvironment(db, repository.id, {
      ...{ name: 'staging', branch: 'develop', production: false },
    })
    const onIssue = { isPull: false, issueNumber: 3 }
    const said = { ...onIssue, actor: 'max' }
    const promote = '/promote staging production'
    expect(await one(promote, said)).toMatchObject({ reasonCode: 'nothing_live' })
    await deploy(core, staging.id, 4, ['hello', 'fresh'], 'two')
    expect(await one(promote, { ...onIssue, actor: 'wim' })).toMatchObject({
      reasonCode: 'permission_denied',
    })
    for (const line of [promote, `${promote} --confirm staging`]) {
      const asked = await one(line, said)
      expect(asked).toMatchObject({ state: 'refused', reasonCode: 'confirmation_required' })
      expect(asked.reply).toContain('added `fresh`; changed `hello`; archived `mail`')
      expect(asked.reply).toContain('/promote staging production --confirm production')
    }
    const live = async () =>
      (await db.select().from(environments).where(eq(environments.id, production.id)))[0]?.activeBuildId
    const before = await live()
    expect(await one(`${promote} --dry-run`, said)).toMatchObject({ reasonCode: 'dry_run' })
    expect(await live()).toBe(before)

    expect(await one(`${promote} --confirm production`, said)).toMatchObject({
      ...{ state: 'done', reasonCode: 'promoted' },
    })
    const [build] = await db
      .select()
      .from(builds)
      .where(eq(builds.id, (await live()) ?? ''))
    expect(build).toMatchObject({ number: 2, sha: '4'.padStart(40, '0'), state: 'succeeded' })
    expect(await functionNamed(production, 'mail')).toMatchObject({ archivedBecause: 'removed_from_code' })
    expect(await one(`${promote} --confirm production`, said)).toMatchObject({
      ...{ state: 'noop', reasonCode: 'already_promoted' },
    })
    // The branch has not moved: looking at it once more changes nothing.
    source.branches.set('main', { sha: '1'.padStart(40, '0'), message: '', author: 'ada' })
    await syncBranch({ core, source }, { repositoryId: repository.id, branch: 'main' })
    expect(await live()).toBe(build?.id)

    expect(await one('/rollback production', said)).toMatchObject({ state: 'done' })
    expect(await live()).toBe(before)
    expect(await functionNamed(production, 'mail')).toMatchObject({ archivedBecause: null })
    // Promoting lifts the pin that the rollback left.
    expect(await one(`${promote} --confirm production`, said)).toMatchObject({ state: 'done' })
    expect(await overlaysInForce(db, production.id)).toEqual([])
  })

  test('/promote refuses what was not live together, and previews', async () => {
    const { db, core, one, repository } = await setup(database.db)
    const onIssue = { isPull: false, issueNumber: 3 }
    const staging = await insertEnvironment(db, repository.id, {
      ...{ name: 'staging', branch: 'develop', production: false },
    })
    await deploy(core, staging.id, 1, ['hello', 'mail'])
    await deploy(core, staging.id, 2, ['hello', 'mail'], 'two')
    await one('/rollback staging hello')
    expect(await one('/promote staging production --dry-run', onIssue)).toMatchObject({
      reasonCode: 'source_rolled_back',
    })
    expect(await one('/promote pr-7 production --dry-run', onIssue)).toMatchObject({
      reasonCode: 'is_a_preview',
    })
    expect(await one('/promote staging --dry-run', onIssue)).toMatchObject({ reasonCode: 'target_required' })
    expect(await one('/promote staging nowhere --dry-run', onIssue)).toMatchObject({
      reasonCode: 'no_such_environment',
    })
  })

  test('/archive and /restore', async () => {
    const { one, functionNamed, production } = await setup(database.db)
    expect(await one('/archive production hello')).toMatchObject({ state: 'done', reasonCode: 'archived' })
    expect(await functionNamed(production, 'hello')).toMatchObject({ archivedBecause: 'by_hand' })
    expect(await one('/restore production hello')).toMatchObject({ state: 'done', reasonCode: 'restored' })
  })

  test('M16, M20: /delete of a named environment wants its function typed twice, and shows what would happen', async () => {
    const { one, functionNamed, production } = await setup(database.db)
    const asked = await one('/delete production hello')
    expect(asked).toMatchObject({ state: 'refused', reasonCode: 'confirmation_required' })
    expect(asked.reply).toContain('`/delete production hello --confirm hello`')
    expect(asked.reply).toContain('will be deleted on')
    expect(await one('/delete production hello --confirm mail')).toMatchObject({
      reasonCode: 'confirmation_required',
    })
    expect(await functionNamed(production, 'hello')).toMatchObject({ state: 'active' })
    expect(await one('/delete production hello --confirm hello')).toMatchObject({
      state: 'done',
      reasonCode: 'deletion_scheduled',
    })
    expect(await functionNamed(production, 'hello')).toMatchObject({ state: 'pending_deletion' })
    expect(await one('/cancel-deletion production hello')).toMatchObject({
      state: 'done',
      reasonCode: 'deletion_cancelled',
    })
    expect(await functionNamed(production, 'hello')).toMatchObject({ state: 'active' })
  })

  test('/delete waits out the grace of the repository file', async () => {
    const { db, one, functionNamed, preview } = await setup(database.db, {
      file: 'functions: { deletion_grace: 2h }',
    })
    await one('/delete hello')
    const hello = await functionNamed(preview, 'hello')
    const [row] = await db
      .select()
      .from(deletions)
      .where(eq(deletions.functionId, hello?.id ?? ''))
    expect((row?.executeAt.getTime() ?? 0) - (row?.createdAt.getTime() ?? 0)).toBe(7_200_000)
  })

  test('/delete alone closes the preview, and no other environment', async () => {
    const { db, one, preview } = await setup(database.db)
    expect(await one('/delete production')).toMatchObject({
      state: 'refused',
      reasonCode: 'function_required',
    })
    const dry = await one('/delete --dry-run', { actor: 'wim' })
    expect(dry).toMatchObject({ state: 'noop', reasonCode: 'dry_run' })
    const closed = async () =>
      (await db.select().from(environments).where(eq(environments.id, preview.id)))[0]?.closedAt
    expect(await closed()).toBeNull()
    expect(await one('/delete', { actor: 'wim' })).toMatchObject({
      state: 'done',
      reasonCode: 'preview_closed',
    })
    expect(await closed()).toBeInstanceOf(Date)
    expect(await one('/pause')).toMatchObject({ state: 'refused', reasonCode: 'environment_required' })
  })

  test('M46: /logs shows the end of logs to those who may write, without secrets, and never in public', async () => {
    const { db, one, production, functionNamed } = await setup(database.db)
    const [build] = await db.select().from(builds).where(eq(builds.environmentId, production.id))
    const lines = ['first', 'token=correct-horse-battery', '```', '/pause production']
    const buildId = build?.id ?? ''
    await db.insert(buildLogs).values(lines.map(line => ({ buildId, stage: 'compiling', line })))
    const hello = await functionNamed(production, 'hello')
    const asked = { id: hello?.id ?? '', environmentId: production.id }
    const [execution] = await insertExecutions(db, asked, 1)
    const [part] = partsOf({
      ...{ executionId: execution?.id ?? '', attempt: 1, batch: 0 },
      lines: [{ level: 'info', atMs: 0, text: 'said correct-horse-battery @acme' }],
    })
    if (!part) throw new Error('no part')
    await insertParts(db, [part])
    expect(await one('/logs production', { actor: 'rita' })).toMatchObject({
      reasonCode: 'permission_denied',
    })
    const told = await one('/logs production', { actor: 'wim' })
    expect(told).toMatchObject({ state: 'done', reasonCode: 'logs' })
    expect(told.reply).toContain('````\nfirst\ntoken=***\n```\n/pause production\n````')
    const said = await one('/logs production hello', { actor: 'wim' })
    expect(said.reply).toContain('```\nsaid *** @acme\n```')
    expect(await one('/logs production nothing', { actor: 'wim' })).toMatchObject({
      reasonCode: 'no_such_function',
    })
    const open = await setup(database.db, { isPrivate: false })
    const elsewhere = await open.one('/logs production', { actor: 'ada' })
    expect(elsewhere).toMatchObject({ reasonCode: 'logs_elsewhere' })
    expect(elsewhere.reply).not.toContain('first')
  })

  test('/status and /help', async () => {
    const { db, one, functionNamed, production } = await setup(database.db)
    await insertExecutions(
      db,
      { id: (await functionNamed(production, 'hello'))?.id ?? '', environmentId: production.id },
      2,
    )
    const here = await one('/status', { actor: 'rita' })
    expect(here.reply).toContain('**pr-7**: build 1')
    const everywhere = await one('/status', { actor: 'rita', isPull: false, issueNumber: 3 })
    expect(everywhere.reply).toContain('**production**: build 1')
    expect(everywhere.reply).toContain('2 executions wait')
    expect(everywhere.reply).toContain('**pr-7**')
    expect((await one('/help', { actor: 'rita' })).reply).toContain('/rollback')
  })
})

test('M19: every command that changes something says with --dry-run what it would do, and changes nothing', async () => {
  const { db, core, one, production, preview, eventsNamed, pausedIn } = await setup(database.db)
  await deploy(core, production.id, 2, ['hello', 'mail'], 'two')
  await one('/pause production "so that there is something to resume"')
  await one('/archive production mail')
  await one('/delete hello')
  const look = async () => ({
    environments: await db.select().from(environments).orderBy(asc(environments.id)),
    functions: await db.select().from(functions).orderBy(asc(functions.id)),
    deletions: await db.select().from(deletions).orderBy(asc(deletions.id)),
    paused: [await pausedIn(production), await pausedIn(preview)],
    events: (await db.select().from(events)).filter(event => !event.type.startsWith('command.')),
  })
  const before = await look()
  for (const line of [
    '/pause hello',
    '/resume production',
    '/rollback production',
    '/retry',
    '/archive mail',
    '/restore production mail',
    '/delete mail',
    '/delete production hello --confirm hello',
    '/delete',
    '/cancel-deletion hello',
  ]) {
    const row = await one(`${line} --dry-run`)
    expect(row, line).toMatchObject({ state: 'noop', reasonCode: 'dry_run' })
    expect(row.reply, line).toContain('nothing was changed')
  }
  expect(await look()).toEqual(before)
  expect((await eventsNamed('command.finished')).length).toBe(13)
})

describe('who asks', () => {
  test.each([
    ['rita', ['refused', 'refused', 'refused', 'refused', 'refused', 'refused']],
    ['wim', ['refused', 'refused', 'refused', 'refused', 'done', 'refused']],
    ['max', ['done', 'done', 'done', 'refused', 'done', 'refused']],
    ['ada', ['done', 'done', 'done', 'done', 'done', 'done']],
    ['nobody', ['refused', 'refused', 'refused', 'refused', 'refused', 'refused']],
  ])('%s may what the role allows at the moment of asking', async (actor, expected) => {
    const { core, one, production } = await setup(database.db)
    await deploy(core, production.id, 2, ['hello', 'mail'], 'two')
    const lines = [
      '/pause production hello "why"',
      '/resume production hello',
      '/rollback production',
      '/archive production hello',
      '/archive hello',
      '/delete production mail --confirm mail',
    ]
    const states: string[] = []
    for (const line of lines) states.push((await one(line, { actor })).state)
    expect(states).toEqual(expected)
  })

  test('M13: is refused, and told that it could not be checked, when GitHub cannot be asked', async () => {
    const { deps, one, pausedIn, preview } = await setup(database.db)
    deps.roleOf = () => Promise.reject(new Error('502'))
    const row = await one('/pause hello')
    expect(row).toMatchObject({ state: 'refused', reasonCode: 'permission_unknown' })
    expect(row.reply).toContain('could not check')
    expect(await pausedIn(preview)).toEqual([])
  })

  test('by members of a team that the repository file names, whatever their role; nobody, when GitHub does not say', async () => {
    const file = 'commands: { pause: admin or team:acme/on-call }'
    const { deps, one } = await setup(database.db, { file })
    expect(await one('/pause hello', { actor: 'rita' })).toMatchObject({ state: 'done' })
    expect(await one('/resume hello', { actor: 'rita' })).toMatchObject({ reasonCode: 'permission_denied' })
    expect(await one('/pause hello', { actor: 'max' })).toMatchObject({ reasonCode: 'permission_denied' })
    deps.isInTeam = () => Promise.reject(new Error('403'))
    expect(await one('/pause mail', { actor: 'rita' })).toMatchObject({ reasonCode: 'permission_unknown' })
  })

  test('M45: by the roles of the base branch, as stored', async () => {
    const { one } = await setup(database.db, { file: 'commands: { pause: admin, status: write }' })
    expect(await one('/pause hello', { actor: 'max' })).toMatchObject({ state: 'refused' })
    expect(await one('/status', { actor: 'rita' })).toMatchObject({ state: 'refused' })
  })

  test('a stranger may read a public repository and nothing of a private one', async () => {
    const open = await setup(database.db, { isPrivate: false })
    expect(await open.one('/status', { actor: 'nobody' })).toMatchObject({ state: 'done' })
    const closed = await setup(database.db)
    const row = await closed.one('/pause wrong-name', { actor: 'nobody' })
    expect(row.reasonCode).toBe('permission_denied')
    expect(row.reply).not.toContain('hello')
  })

  test('M11: a bot is not heard', async () => {
    const { say } = await setup(database.db)
    expect(await say('/pause hello', { actorIsBot: true })).toEqual([])
    expect(await say('/pause hello', { actor: 'sluice[bot]' })).toEqual([])
  })
})

test('a comment that came an hour late is answered, and changes nothing; one that only reads is answered as ever', async () => {
  const { one, production, pausedIn } = await setup(database.db)
  const commentedAt = new Date(Date.now() - 61 * 60_000)
  const late = await one('/pause production hello', { commentedAt })
  expect(late).toMatchObject({ state: 'refused', reasonCode: 'stale_comment' })
  expect(late.reply).toContain('61 minutes after it was written')
  expect(await pausedIn(production)).toEqual([])
  expect(await one('/status production', { commentedAt })).toMatchObject({ state: 'done' })
  const inTime = new Date(Date.now() - 59 * 60_000)
  expect(await one('/pause production hello "a test"', { commentedAt: inTime })).toMatchObject({
    state: 'done',
  })
})
