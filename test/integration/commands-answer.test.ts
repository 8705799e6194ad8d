// How commands are answered, and that each takes effect once, whatever is delivered, run or killed how often.
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { parseComment } from '../../src/commands/parse.ts'
import { receiveComment } from '../../src/commands/receive.ts'
import { commandNames } from '../../src/commands/registry.ts'
import { runCommand } from '../../src/commands/run.ts'
import { connect, type Database } from '../../src/db/client.ts'
import { commands, reports } from '../../src/db/schema.ts'
import type { Core } from '../../src/events/outbox.ts'
import { githubTargets } from '../../src/github/reports/targets.ts'
import { deploy, newCommentId, setup } from '../support/commenting.ts'
import { createTestCore } from '../support/place.ts'
import { freshDatabase } from '../support/postgres.ts'

let database: Database
beforeAll(async () => {
  database = connect(await freshDatabase(inject('postgresUrl')), { max: 20, name: 'answers test' })
})
afterAll(() => database.close())

describe('what is said back', () => {
  test('M18: to a repeat of what is so already: nothing, the reaction says it', async () => {
    const { one, eventsNamed } = await setup(database.db)
    await one('/pause hello')
    expect(await one('/pause hello')).toMatchObject({
      state: 'noop',
      reasonCode: 'already_paused',
      reply: null,
    })
    expect(await eventsNamed('function.paused')).toHaveLength(1)
  })

  test('to an unknown name: the nearest, and which there are', async () => {
    const { one } = await setup(database.db)
    const row = await one('/pause helo')
    expect(row).toMatchObject({ state: 'refused', reasonCode: 'no_such_function' })
    expect(row.reply).toContain('Did you mean `hello`?')
    expect(row.reply).toContain('Open here: `pr-7`, `production`.')
    const inIssue = await one('/pause productoin', { isPull: false, issueNumber: 3 })
    expect(inIssue).toMatchObject({ state: 'refused', reasonCode: 'no_such_environment' })
    expect(inIssue.reply).toContain('Did you mean `production`?')
  })

  test('to refusals: three an hour for a person and issue, then only the reaction', async () => {
    const { one } = await setup(database.db)
    const replies: boolean[] = []
    for (let time = 0; time < 5; time++)
      replies.push((await one('/pause hello', { actor: 'rita' })).reply !== null)
    expect(replies).toEqual([true, true, true, false, false])
    expect((await one('/pause hello', { actor: 'wim' })).reply, 'another person').not.toBeNull()
    expect(
      (await one('/pause hello', { actor: 'rita', issueNumber: 8 })).reply,
      'another issue',
    ).not.toBeNull()
  })

  test('to readers: a few times an hour; to those who may write, always', async () => {
    const { one } = await setup(database.db)
    const replies = async (actor: string) => {
      const told: boolean[] = []
      for (let time = 0; time < 7; time++) told.push((await one('/status', { actor })).reply !== null)
      return told.filter(Boolean).length
    }
    expect(await replies('rita')).toBe(5)
    expect(await replies('wim')).toBe(7)
  })

  test('M11: never holds a line that is a command itself', async () => {
    const { one, say } = await setup(database.db)
    const rows = [
      await one('/help'),
      await one('/status'),
      await one('/pause hello "a`b\u2028/pause"'),
      await one('/pause production'),
      await one('/delete production hello'),
      await one('/rollback production to `x'),
      ...(await say('/resume /pause')),
    ]
    for (const { reply } of rows)
      expect(
        parseComment(reply ?? '', { names: commandNames, requirePrefix: false }).commands,
        reply ?? '',
      ).toEqual([])
  })

  test('to a slip, to people who may write; to others a slash is just a slash and nothing is shown', async () => {
    const { one, eventsNamed } = await setup(database.db)
    expect(await one('/puase hello', { actor: 'rita' })).toMatchObject({
      state: 'noop',
      reasonCode: 'ignored',
      reply: null,
    })
    expect(await eventsNamed('command.received')).toEqual([])
    expect(await eventsNamed('command.finished')).toEqual([])
    const row = await one('/puase hello', { actor: 'wim' })
    expect(row).toMatchObject({ state: 'refused', reasonCode: 'unknown_command' })
    expect(row.reply).toContain('Did you mean `/pause`?')
  })
})

describe('a comment of several commands', () => {
  test('has them carried out one after another, in order', async () => {
    const { core, deps, comment, rowsOf, say, pausedIn, preview } = await setup(database.db)
    const rows = await say('/pause hello\n/resume hello\n/pause mail')
    expect(rows.map(row => row.state)).toEqual(['done', 'done', 'done'])
    expect(await pausedIn(preview)).toEqual(['mail'])

    const commentId = newCommentId()
    await receiveComment(core, { ...comment, commentId, body: '/status\n/help' })
    expect(core.sent.filter(job => job.queue === 'command')).toHaveLength(1)
    const [first] = await rowsOf(commentId)
    await runCommand(deps, first?.id ?? '')
    expect((await rowsOf(commentId)).map(row => row.state)).toEqual(['done', 'received'])
    expect(core.sent.filter(job => job.queue === 'command')).toHaveLength(2)
  })

  test('has five at most; the sixth is refused and the rest is not stored', async () => {
    const { say } = await setup(database.db)
    const rows = await say(Array.from({ length: 8 }, () => '/help').join('\n'))
    expect(rows.map(row => row.reasonCode)).toEqual([
      'help',
      'help',
      'help',
      'help',
      'help',
      'too_many_commands',
    ])
  })

  test('a line too long or with an open quotation mark is refused by itself', async () => {
    const { say } = await setup(database.db)
    const rows = await say(`/pause "${'x'.repeat(1_000)}"\n/pause "hello\n/help`)
    expect(rows.map(row => row.reasonCode)).toEqual(['line_too_long', 'unclosed_quote', 'help'])
  })
})

test('M12: the eyes are asked for as soon as the comment is stored, before the command is carried out', async () => {
  const { db, comment, rowsOf } = await setup(database.db)
  const core = createTestCore(db, [githubTargets])
  const commentId = newCommentId()
  const [id = ''] = await receiveComment(core, { ...comment, commentId, body: '/pause hello' })
  expect(core.sent.map(({ queue }) => queue)).toEqual(['report', 'command'])
  expect((await rowsOf(commentId)).map(({ state }) => state)).toEqual(['received'])
  const [wanted] = await db.select().from(reports).where(eq(reports.subject, id))
  expect(wanted).toMatchObject({ kind: 'reply', wanted: 1, written: 0 })
})

describe('once', () => {
  test('M5: the same comment, delivered many times at once, is one command and one job', async () => {
    const { core, comment, work, rowsOf, eventsNamed } = await setup(database.db)
    const commentId = newCommentId()
    const deliver = () => receiveComment(core, { ...comment, commentId, body: '/pause hello\n/pause mail' })
    const ids = await Promise.all(Array.from({ length: 20 }, deliver))
    expect(ids.flat()).toHaveLength(2)
    expect(core.sent.filter(job => job.queue === 'command')).toHaveLength(1)
    await work()
    expect((await rowsOf(commentId)).map(row => row.state)).toEqual(['done', 'done'])
    expect(await eventsNamed('command.received')).toHaveLength(2)
    expect(await deliver()).toEqual([])
  })

  test('a command whose job runs many times at once takes effect once: a rollback goes back one build', async () => {
    const { core, deps, comment, rowsOf, production, eventsNamed } = await setup(database.db)
    for (const number of [2, 3, 4])
      await deploy(core, production.id, number, ['hello', 'mail'], String(number))
    const commentId = newCommentId()
    const [id] = await receiveComment(core, { ...comment, commentId, body: '/rollback production' })
    await Promise.all(Array.from({ length: 8 }, () => runCommand(deps, id ?? '')))
    await runCommand(deps, id ?? '')
    expect((await rowsOf(commentId))[0]?.reply).toContain('build 3')
    expect(await eventsNamed('environment.pinned')).toHaveLength(1)
    expect(await eventsNamed('command.finished')).toHaveLength(1)
  })

  test('a process that dies before the answer is stored leaves nothing done, and the next try does all', async () => {
    const { core, deps, comment, rowsOf, pausedIn, preview } = await setup(database.db)
    const commentId = newCommentId()
    const [id] = await receiveComment(core, { ...comment, commentId, body: '/pause hello' })
    const dying: Core = {
      ...core,
      append: async (tx, ...happened) => {
        if (happened.some(event => event.type === 'command.finished')) throw new Error('killed')
        await core.append(tx, ...happened)
      },
    }
    await expect(runCommand({ ...deps, core: dying }, id ?? '')).rejects.toThrow('killed')
    expect(await pausedIn(preview)).toEqual([])
    expect((await rowsOf(commentId))[0]?.state).toBe('received')
    await runCommand(deps, id ?? '')
    expect(await pausedIn(preview)).toEqual(['hello'])
    expect((await rowsOf(commentId))[0]?.state).toBe('done')
  })

  test('one that fails again and again is answered in the end, and nothing of it stays', async () => {
    const { db, core, deps, comment, rowsOf, pausedIn, preview } = await setup(database.db)
    const commentId = newCommentId()
    const [id] = await receiveComment(core, { ...comment, commentId, body: '/pause hello' })
    const broken: Core = {
      ...core,
      append: async (tx, ...happened) => {
        if (happened.some(event => event.type === 'function.paused')) throw new Error('bug')
        await core.append(tx, ...happened)
      },
    }
    await expect(runCommand({ ...deps, core: broken }, id ?? '')).rejects.toThrow('bug')
    await db
      .update(commands)
      .set({ createdAt: new Date(Date.now() - 600_000) })
      .where(eq(commands.id, id ?? ''))
    await runCommand({ ...deps, core: broken }, id ?? '')
    const [row] = await rowsOf(commentId)
    expect(row).toMatchObject({ state: 'failed', reasonCode: 'internal_error' })
    expect(row?.reply).toContain(id)
    expect(await pausedIn(preview)).toEqual([])
  })
})

test('a repository that wants our name in front hears nothing else', async () => {
  const { say } = await setup(database.db, { file: 'commands: { require_prefix: true }' })
  expect(await say('/pause hello')).toEqual([])
  expect((await say('/sluice pause hello')).map(row => row.state)).toEqual(['done'])
})

test('on a closed pull request a named environment is still obeyed; a repository we do not know is not heard', async () => {
  const { core, comment, one } = await setup(database.db)
  expect(await one('/pause production "late"', { isOpen: false })).toMatchObject({ state: 'done' })
  expect(
    await receiveComment(core, { ...comment, repositoryId: 1, commentId: newCommentId(), body: '/help' }),
  ).toEqual([])
})
