// Commands in comments on commits: which there are, and which commit they mean. Over a real PostgreSQL, with a host of code in
// memory.
import { desc, eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { receiveComment } from '../../src/commands/receive.ts'
import { connect, type Database } from '../../src/db/client.ts'
import { builds } from '../../src/db/schema.ts'
import { findEnvironment } from '../../src/environments/store.ts'
import { commit } from '../fakes/host.ts'
import { deploy, newCommentId, setup } from '../support/commenting.ts'
import { freshDatabase } from '../support/postgres.ts'

let database: Database
beforeAll(async () => {
  database = connect(await freshDatabase(inject('postgresUrl')), { max: 20, name: 'commits test' })
})
afterAll(() => database.close())

async function newestOf(environmentId: string) {
  const ofIt = eq(builds.environmentId, environmentId)
  return (await database.db.select().from(builds).where(ofIt).orderBy(desc(builds.number)).limit(1))[0]
}

describe('on a commit', () => {
  test('/deploy means that one: the head is built, an earlier one goes live as it was', async () => {
    const world = await setup(database.db)
    const { core, production, one, source } = world
    const second = await deploy(core, production.id, 2, ['hello'], 'two')
    const third = await deploy(core, production.id, 3, ['hello'], 'three')
    source.branches.set('main', commit('c'))
    const on = (sha: string) => ({ isPull: false, issueNumber: null, commitSha: sha, actor: 'max' })
    expect(await one('/deploy production', on(commit('d').sha))).toMatchObject({ reasonCode: 'ref_changed' })
    expect(await one('/deploy production', on(second.sha))).toMatchObject({ reasonCode: 'deployed_earlier' })
    expect((await findEnvironment(core.db, production.id))?.activeBuildId).toBe(second.id)
    expect(await one('/rollback production to 1', on(third.sha))).toMatchObject({ state: 'done' })
    expect(await one('/deploy production', on(commit('c').sha))).toMatchObject({ reasonCode: 'deploying' })
    expect(await newestOf(production.id)).toMatchObject({ sha: commit('c').sha, state: 'queued' })
  })

  test('reads and what is about commits are obeyed, anything else is not', async () => {
    const { one, pausedIn, production } = await setup(database.db)
    const on = { isPull: false, issueNumber: null, commitSha: commit('c').sha, actor: 'ada' }
    for (const line of ['/help', '/status production', '/logs production'])
      expect(await one(line, on), line).toMatchObject({ state: 'done' })
    const refused = await one('/pause production hello "why"', on)
    expect(refused).toMatchObject({ state: 'refused', reasonCode: 'not_on_commits' })
    expect(refused.reply).toContain('`/deploy`')
    expect(await pausedIn(production)).toEqual([])
    expect(await one('/pause production hello "why"', { ...on, actor: 'rita' })).toMatchObject({
      reasonCode: 'permission_denied',
    })
  })

  test('a comment there and one on an issue may have the same number', async () => {
    const { core, comment, work, rowsOf } = await setup(database.db)
    const about = { ...comment, commentId: newCommentId() }
    const onCommit = { ...about, isPull: false, issueNumber: null, commitSha: commit('c').sha }
    await receiveComment(core, { ...about, body: '/help\n/status' })
    await receiveComment(core, { ...onCommit, body: '/status production\n/help' })
    await receiveComment(core, { ...onCommit, body: '/status production\n/help' })
    await work()
    const rows = await rowsOf(about.commentId)
    expect(rows.map(({ state, line }) => [state, line]).sort()).toEqual([
      ...[
        ['done', '/help'],
        ['done', '/help'],
        ['done', '/status'],
        ['done', '/status production'],
      ],
    ])
  })
})
