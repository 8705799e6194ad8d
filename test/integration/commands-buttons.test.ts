// The buttons on a check: who may, once each, on the build they stand on, and where a refusal is read.
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { loadBuildView } from '../../src/builds/views/view-store.ts'
import { receivePress } from '../../src/commands/press.ts'
import { connect, type Database } from '../../src/db/client.ts'
import { builds, commands, environments } from '../../src/db/schema.ts'
import { githubTargets } from '../../src/github/reports/targets.ts'
import { deploy, setup } from '../support/commenting.ts'
import { freshDatabase } from '../support/postgres.ts'

let database: Database
beforeAll(async () => {
  database = connect(await freshDatabase(inject('postgresUrl')), { max: 20, name: 'buttons test' })
})
afterAll(() => database.close())

let deliveries = 0

async function place() {
  const all = await setup(database.db)
  const { core, repository, work, production } = all
  const builtTwo = await deploy(core, production.id, 2, ['hello', 'mail'], 'two')
  async function press(button: string, actor: string, { buildId = builtTwo.id, deliveryId = '' } = {}) {
    const id = await receivePress(core, {
      ...{ repositoryId: repository.id, buildId, button, actor },
      deliveryId: deliveryId || `delivery-${++deliveries}`,
    })
    await work()
    const [row] = id ? await database.db.select().from(commands).where(eq(commands.id, id)) : []
    return row ?? null
  }
  const live = async () => {
    const [row] = await database.db.select().from(environments).where(eq(environments.id, production.id))
    return row?.activeBuildId
  }
  return { ...all, builtTwo, press, live }
}

describe('M26: a button', () => {
  test('is obeyed by the role that GitHub gives who pressed it, at that moment', async () => {
    const { press, live, builtTwo, eventsNamed } = await place()
    expect(await press('rollback', 'wim')).toMatchObject({
      state: 'refused',
      reasonCode: 'permission_denied',
      line: '/rollback production',
    })
    expect(await live()).toBe(builtTwo.id)
    expect(await press('rollback', 'max')).toMatchObject({ state: 'done', reasonCode: 'rolled_back' })
    expect(await live()).not.toBe(builtTwo.id)
    expect(await eventsNamed('command.finished')).toMatchObject([
      { actor: 'wim', buildId: builtTwo.id, data: { code: 'permission_denied' } },
      { actor: 'max', buildId: builtTwo.id, data: { code: 'rolled_back' } },
    ])
  })

  test('that was refused says so in its check, until one is obeyed', async () => {
    const { db, press, builtTwo } = await place()
    await press('rollback', 'rita')
    const refused = (await loadBuildView(db, builtTwo.id))?.refused
    expect(refused).toMatchObject({ line: '/rollback production', actor: 'rita' })
    expect(refused?.reply).toContain('needs the role **maintain**')
    await press('pause', 'max')
    expect((await loadBuildView(db, builtTwo.id))?.refused).toBeNull()
    const finished = { type: 'command.finished' as const, repositoryId: 1, buildId: builtTwo.id }
    expect(githubTargets({ ...finished, data: { commandId: 'c' } })).toEqual([
      { kind: 'check', subject: builtTwo.id },
    ])
  })

  test('is refused, not denied, while GitHub cannot be asked', async () => {
    const { press, deps, pausedIn, production } = await place()
    deps.roleOf = async () => {
      throw new Error('GitHub is down')
    }
    expect(await press('pause', 'ada')).toMatchObject({ state: 'refused', reasonCode: 'permission_unknown' })
    expect(await pausedIn(production)).toEqual([])
  })

  test('counts once however often its delivery comes', async () => {
    const { press, pausedIn, production } = await place()
    const again = { deliveryId: `delivery-${++deliveries}` }
    expect(await press('pause', 'max', again)).toMatchObject({ state: 'done' })
    expect(await press('resume', 'max')).toMatchObject({ state: 'done' })
    expect(await press('pause', 'max', again)).toBeNull()
    expect(await pausedIn(production)).toEqual([])
  })

  test('acts on the build it stands on or not at all', async () => {
    const { core, press, live, production } = await place()
    const three = await deploy(core, production.id, 3, ['hello', 'mail'], 'three')
    expect(await press('rollback', 'max')).toMatchObject({ state: 'refused', reasonCode: 'build_not_live' })
    expect(await press('retry', 'wim')).toMatchObject({ state: 'refused', reasonCode: 'build_not_newest' })
    expect(await live()).toBe(three.id)
  })

  test('"Retry" builds the commit again, once', async () => {
    const { db, press, production, builtTwo } = await place()
    expect(await press('retry', 'rita')).toMatchObject({ reasonCode: 'permission_denied' })
    expect(await press('retry', 'wim')).toMatchObject({ state: 'done', reasonCode: 'retried' })
    expect(await press('retry', 'wim')).toMatchObject({ reasonCode: 'build_not_newest' })
    const all = await db.select().from(builds).where(eq(builds.environmentId, production.id))
    expect(all.filter(build => build.sha === builtTwo.sha).map(build => build.state)).toEqual([
      'succeeded',
      'queued',
    ])
  })

  test('of somebody else, or that nobody drew, is nothing', async () => {
    const { press, builtTwo } = await place()
    const other = await setup(database.db)
    const foreign = await other.core.db.select().from(builds).where(eq(builds.id, builtTwo.id))
    expect(foreign).toHaveLength(1)
    const elsewhere = { repositoryId: other.repository.id, buildId: builtTwo.id, button: 'pause' }
    expect(await receivePress(other.core, { ...elsewhere, actor: 'ada', deliveryId: 'elsewhere' })).toBeNull()
    expect(await press('delete', 'ada')).toBeNull()
    expect(await press('pause', 'helper[bot]')).toBeNull()
  })
})

test('/retry is a command too: a dry run builds nothing, and what is under way is not repeated', async () => {
  const { db, one, preview } = await setup(database.db)
  expect(await one('/retry --dry-run', { actor: 'wim' })).toMatchObject({ reasonCode: 'dry_run' })
  expect(await db.select().from(builds).where(eq(builds.environmentId, preview.id))).toHaveLength(1)
  expect(await one('/retry', { actor: 'wim' })).toMatchObject({ state: 'done', reasonCode: 'retried' })
  expect(await one('/retry', { actor: 'wim' })).toMatchObject({ state: 'noop', reasonCode: 'under_way' })
})
