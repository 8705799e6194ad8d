// Answers to commands on the local GitHub: 👀 at once, then one answer and exactly one final reaction.
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { commands } from '../../src/db/schema.ts'
import { createReplyReporter } from '../../src/github/reports/comments/reply.ts'
import { byHand, callsDuring, createWorld, log, type World } from '../support/github-world.ts'

let world: World
let issueNumber: number
beforeAll(async () => {
  world = await createWorld()
  issueNumber = (await asPerson('alice', '/repos/acme/shop/issues', { title: 'An issue' })).number
})
afterAll(() => world[Symbol.asyncDispose]())

const place = { owner: 'acme', repo: 'shop' }

async function asPerson(login: string, path: string, body: object) {
  const response = await fetch(world.sandbox.github.apiUrl + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${world.sandbox.tokens[login]}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return (await response.json()) as { id: number; number: number }
}

type Command = typeof commands.$inferInsert

async function commanded(...lines: string[]) {
  const comment = await asPerson('max', `/repos/acme/shop/issues/${issueNumber}/comments`, {
    body: lines.join('\n'),
  })
  const about = { repositoryId: world.repositoryId, commentId: comment.id, issueNumber }
  const rows = lines.map(
    (line, position): Command => ({
      ...{ ...about, line, position, isPull: false, isOpen: true, actor: 'max', commentedAt: new Date() },
    }),
  )
  const stored = await world.db.insert(commands).values(rows).returning({ id: commands.id })
  const reporter = createReplyReporter({ ...world.github, db: world.db, log })
  return { commentId: comment.id, answers: stored.map(({ id }) => ({ id, ...byHand(reporter, id) })) }
}

async function finish(id: string, state: 'done' | 'noop' | 'refused' | 'failed', reply: string | null) {
  const ended = { state, reply, reasonCode: `${state}_code`, finishedAt: new Date() }
  await world.db.update(commands).set(ended).where(eq(commands.id, id))
}

async function reactions(commentId: number): Promise<string[]> {
  const octokit = await world.github.octokitFor(world.installationId)
  const { data } = await octokit.rest.reactions.listForIssueComment({ ...place, comment_id: commentId })
  return data.map(reaction => reaction.content)
}

async function answersTo(id: string): Promise<string[]> {
  const octokit = await world.github.octokitFor(world.installationId)
  const { data } = await octokit.rest.issues.listComments({
    ...place,
    issue_number: issueNumber,
    per_page: 100,
  })
  return data.map(comment => comment.body ?? '').filter(body => body.includes(id))
}

async function single(line: string) {
  const { commentId, answers } = await commanded(line)
  const [answer] = answers
  if (!answer) throw new Error('no command was stored')
  return { commentId, ...answer }
}

test('M12: 👀 is the first thing that GitHub hears of a command, in one call; what replaces it comes after the answer', async () => {
  const command = await single('/status')
  const onComment = `/api/v3/repos/acme/shop/issues/comments/${command.commentId}/reactions`
  expect(await callsDuring(() => command.write())).toEqual([`POST ${onComment}`])
  expect(await reactions(command.commentId)).toEqual(['eyes'])
  await finish(command.id, 'done', 'All is well.')
  expect(await callsDuring(() => command.write())).toEqual([
    `POST /api/v3/repos/acme/shop/issues/${issueNumber}/comments`,
    ...[`POST ${onComment}`, expect.stringMatching(`^DELETE ${onComment}/\\d+$`), `POST ${onComment}`],
  ])
  expect(await reactions(command.commentId)).toEqual(['rocket'])
})

test.each([
  ['done', 'rocket'],
  ['noop', '+1'],
  ['refused', 'confused'],
  ['failed', '-1'],
] as const)('a command that is %s: the eyes give way to %s', async (state, reaction) => {
  const command = await single('/status')
  await command.write()
  expect(await reactions(command.commentId)).toEqual(['eyes'])
  await finish(command.id, state, 'All is well.')
  await command.write()
  expect(await reactions(command.commentId)).toEqual([reaction])
  expect(await answersTo(command.id)).toEqual([expect.stringContaining('All is well.')])
  expect(await callsDuring(() => command.write())).toEqual([])
})

test('a command on a commit is answered there, once, and reacted to as anywhere', async () => {
  const sha = await world.checkout.git('rev-parse', 'HEAD')
  const comment = await asPerson('max', `/repos/acme/shop/commits/${sha}/comments`, { body: '/status' })
  const [row] = await world.db
    .insert(commands)
    .values({
      ...{ repositoryId: world.repositoryId, commentId: comment.id, commitSha: sha, line: '/status' },
      ...{ position: 0, isPull: false, isOpen: true, actor: 'max', commentedAt: new Date() },
    })
    .returning({ id: commands.id })
  const id = row?.id ?? ''
  const command = byHand(createReplyReporter({ ...world.github, db: world.db, log }), id)
  const octokit = await world.github.octokitFor(world.installationId)
  const given = async () => {
    const { data } = await octokit.rest.reactions.listForCommitComment({ ...place, comment_id: comment.id })
    return data.map(({ content }) => content)
  }
  await command.write()
  expect(await given()).toEqual(['eyes'])
  await finish(id, 'done', 'All is well.')
  await expect(command.write({ diesAtRemember: 2 })).rejects.toThrow('killed')
  await command.write()
  expect(await given()).toEqual(['rocket'])
  const { data } = await octokit.rest.repos.listCommentsForCommit({ ...place, commit_sha: sha })
  const bodies = data.map(({ body }) => body).filter(body => body.includes(id))
  expect(bodies).toEqual([expect.stringContaining('All is well.')])
  expect(await callsDuring(() => command.write())).toEqual([])
})

test('without anything to say it reacts and writes no comment', async () => {
  const command = await single('/pause production')
  await finish(command.id, 'noop', null)
  await command.write()
  expect(await reactions(command.commentId)).toEqual(['+1'])
  expect(await answersTo(command.id)).toEqual([])
})

test.each([1, 2])(
  'a try that dies at its word %i to remember does not answer twice',
  async diesAtRemember => {
    const command = await single('/help')
    await finish(command.id, 'done', 'Help yourself.')
    await expect(command.write({ diesAtRemember })).rejects.toThrow('killed')
    await command.write()
    expect(await answersTo(command.id)).toHaveLength(1)
  },
)

test('an answer that GitHub took and did not confirm is not given twice', async () => {
  const command = await single('/help')
  await finish(command.id, 'done', 'Help yourself.')
  const fault = { method: 'POST', pathPattern: /issues\/\d+\/comments$/, status: 500, after: true }
  world.sandbox.github.faults.rest.push(fault)
  await expect(command.write()).rejects.toThrow('500')
  await command.write()
  expect(await answersTo(command.id)).toHaveLength(1)
})

test('M12: failing reactions do not fail the answer', async () => {
  const command = await single('/help')
  await finish(command.id, 'done', 'Help yourself.')
  world.sandbox.github.faults.rest.push({ method: 'POST', pathPattern: /reactions$/, status: 503 })
  await command.write()
  expect(await answersTo(command.id)).toHaveLength(1)
})

test('M12: several commands in one comment: the eyes stay until the last has ended, then the worst outcome shows', async () => {
  const { commentId, answers } = await commanded('/pause production', '/resume staging')
  const [first, second] = answers
  if (!first || !second) throw new Error('two commands were due')
  await first.write()
  await second.write()
  await finish(first.id, 'refused', 'You may not.')
  await first.write()
  expect(await reactions(commentId)).toEqual(['eyes'])
  await finish(second.id, 'done', 'Resumed.')
  await second.write()
  expect(await reactions(commentId)).toEqual(['confused'])
})

test('M11: an answer is never a command itself, whatever it quotes', async () => {
  const command = await single('/delete "x`\n/pause production" @everyone')
  await finish(command.id, 'refused', 'Post this instead:\n/delete production greet\n\n```\n/resume\n```')
  await command.write()
  const [body = ''] = await answersTo(command.id)
  const outsideCode = body.replace(/```[\s\S]*?```/g, '')
  expect(outsideCode).not.toMatch(/^\s{0,3}\//m)
  expect(body).toContain('refused_code')
})
