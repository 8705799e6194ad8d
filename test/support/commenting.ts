// People who comment: a repository with production and a preview, its functions, and `say`, which takes a comment through
// receive and run as the queue would. GitHub's part is a table of roles.
import { asc, eq } from 'drizzle-orm'
import { pino } from 'pino'
import { expect } from 'vitest'
import { receiveComment } from '../../src/commands/receive.ts'
import { runCommand } from '../../src/commands/run.ts'
import type { Pool } from '../../src/db/client.ts'
import { commands, events, functions } from '../../src/db/schema.ts'
import { parseRepositoryFile, type Role } from '../../src/environments/repository-file.ts'
import type { Core } from '../../src/events/outbox.ts'
import { overlaysInForce } from '../../src/functions/overlays-store.ts'
import { releaseBuild } from '../../src/functions/release.ts'
import { createHost } from '../fakes/host.ts'
import {
  createTestCore,
  found,
  insertBuild,
  insertEnvironment,
  insertPreview,
  insertRepository,
} from './place.ts'

let nextComment = 1
export const newCommentId = () => nextComment++
const roles: Record<string, Role> = { rita: 'read', wim: 'write', max: 'maintain', ada: 'admin' }

export async function deploy(
  core: Core,
  environmentId: string,
  number: number,
  names: string[],
  content = '1',
) {
  const build = await insertBuild(
    core.db,
    environmentId,
    number,
    names.map(name => found(name, content)),
  )
  await core.db.transaction(tx =>
    releaseBuild(tx, core, { environmentId, buildId: build.id, kind: 'deploy', actor: 'push' }),
  )
  return build
}

/** A repository with production and the preview of pull request 7, each with two functions, and people to comment. */
export async function setup(
  db: Pool,
  { file = '', isPrivate = true }: { file?: string; isPrivate?: boolean } = {},
) {
  const core = createTestCore(db)
  const parsed = parseRepositoryFile(file)
  if ('problems' in parsed) throw new Error(parsed.problems[0]?.message)
  const repository = await insertRepository(db, { config: parsed.file, private: isPrivate })
  const production = await insertEnvironment(db, repository.id)
  const preview = await insertPreview(db, repository.id, 7)
  for (const environment of [production, preview]) await deploy(core, environment.id, 1, ['hello', 'mail'])
  const source = createHost()
  const deps = {
    core,
    source,
    roleOf: async (_repository: unknown, login: string): Promise<Role> => roles[login] ?? 'none',
    secretsOf: async () => ['correct-horse-battery'],
    isInTeam: async (_repository: unknown, team: string, login: string) =>
      team === 'acme/on-call' && login === 'rita',
    log: pino({ level: 'silent' }),
  }
  const comment = {
    repositoryId: repository.id,
    issueNumber: 7 as number | null,
    commitSha: null as string | null,
    isPull: true,
    isOpen: true,
    actor: 'ada',
    actorIsBot: false,
    commentedAt: new Date(),
  }
  const rowsOf = (commentId: number) =>
    db.select().from(commands).where(eq(commands.commentId, commentId)).orderBy(asc(commands.position))
  /** Comments, works the jobs until there are none, and gives the rows of the comment's commands. */
  async function say(body: string, more: Partial<typeof comment> = {}) {
    const commentId = newCommentId()
    await receiveComment(core, { ...comment, ...more, commentId, body })
    await work()
    return rowsOf(commentId)
  }
  async function work() {
    for (let job = core.sent.shift(); job; job = core.sent.shift()) {
      if (job.queue === 'command') await runCommand(deps, String(job.data.commandId))
    }
  }
  async function one(body: string, more: Partial<typeof comment> = {}) {
    const rows = await say(body, more)
    expect(rows, `one command in ${body}`).toHaveLength(1)
    const [row] = rows
    if (!row) throw new Error('no command')
    return row
  }
  const functionNamed = async (environment: { id: string }, name: string) =>
    (await db.select().from(functions).where(eq(functions.environmentId, environment.id))).find(
      row => row.name === name,
    )
  return {
    db,
    core,
    source,
    deps,
    repository,
    production,
    preview,
    comment,
    say,
    one,
    work,
    rowsOf,
    functionNamed,
    pausedIn: async (environment: { id: string }) => {
      const rows = await db.select().from(functions).where(eq(functions.environmentId, environment.id))
      const inForce = await overlaysInForce(db, environment.id)
      return inForce
        .filter(it => it.kind === 'pause')
        .map(it => rows.find(row => row.id === it.functionId)?.name ?? null)
    },
    eventsNamed: async (type: string) =>
      (await db.select().from(events).where(eq(events.repositoryId, repository.id))).filter(
        event => event.type === type,
      ),
  }
}
