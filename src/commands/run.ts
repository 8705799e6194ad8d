// Carries out one stored command: role asked of GitHub now, target found, verb run, answer stored, all of it but the question
// in one transaction. So a command takes effect exactly once: a process that dies leaves either nothing or all of it, and a
// second run finds it answered. That matters most for a rollback, which said twice goes back two builds.
import type { RepositoryRef, Source } from '../builds/ports.ts'
import { crashPoint } from '../crash-point.ts'
import type { Tx } from '../db/client.ts'
import type { RepositoryFile, Role } from '../environments/repository-file.ts'
import {
  type Environment,
  findRepository,
  listOpenEnvironments,
  type Repository,
  repositoryFileOf,
} from '../environments/store.ts'
import { AppError, messageOf } from '../errors.ts'
import { askedVia, type Core } from '../events/outbox.ts'
import type { Log } from '../log.ts'
import { carryOut } from './carry-out.ts'
import type { Looked } from './command.ts'
import { look, type Who } from './look.ts'
import { parseLine } from './parse.ts'
import { effectiveRole, isAtLeast, teamsNamed } from './permissions.ts'
import { findCommand } from './registry.ts'
import {
  answerCommand,
  type CommandRow,
  countReplies,
  findReceived,
  lockReceived,
  nextOfComment,
} from './store.ts'

export interface RunDeps {
  core: Core
  /** What GitHub says now. Throws when it cannot be asked. */
  roleOf(repository: RepositoryRef, login: string): Promise<Role>
  /** Likewise; child teams count. */
  isInTeam(repository: RepositoryRef, team: string, login: string): Promise<boolean>
  secretsOf(environment: Environment): Promise<string[]>
  source: Pick<Source, 'pull' | 'head'>
  log: Log
  slug?: string
}

/** An error is tried again until the command is this old; then it is answered as failed. */
const giveUpAfterSeconds = 120
const refusalsAnHour = 3
/** To people who may only read: everybody may, in a public repository. */
const readsAnHour = 5

export async function runCommand(deps: RunDeps, commandId: string): Promise<void> {
  const { core, log } = deps
  const found = await findReceived(core.db, commandId)
  if (!found) return
  const repository = await findRepository(core.db, found.row.repositoryId)
  if (!repository) throw new AppError('not_found', `the repository of command ${commandId} is gone`)
  const who = await askWho(deps, repository, found.row)
  try {
    const looking = { db: core.db, source: deps.source, slug: deps.slug }
    const looked = await look(looking, repository, found.row, who)
    await core.db.transaction(tx => runOnce(deps, tx, { commandId, repository, who, looked }))
    crashPoint('command.after_commit')
  } catch (error) {
    if (found.ageSeconds < giveUpAfterSeconds) throw error
    log.error({ error, commandId }, `command ${commandId} failed for good: ${messageOf(error)}`)
    await core.db.transaction(tx => giveUp(core, tx, commandId))
  }
}

/** What the author may do, as GitHub says now. What it does not say nobody is given. */
async function askWho(deps: RunDeps, repository: Repository, row: CommandRow): Promise<Who> {
  const { actor: login } = row
  try {
    const role = effectiveRole(await deps.roleOf(repository, login), repository.private)
    const memberOf: string[] = []
    for (const team of role === 'admin' ? [] : teamsFor(row, repositoryFileOf(repository), deps.slug))
      if (await deps.isInTeam(repository, team, login)) memberOf.push(team)
    return { role, memberOf }
  } catch (error) {
    deps.log.warn({ error, repository: repository.id, login }, `the role of ${login}: ${messageOf(error)}`)
    return { role: null, memberOf: [] }
  }
}

function teamsFor(row: CommandRow, file: RepositoryFile, slug: string | undefined): string[] {
  const command = findCommand(parseLine(row.line, slug)?.name ?? '')
  return command ? teamsNamed(command, file) : []
}

interface Run {
  commandId: string
  repository: Repository
  who: Who
  looked: Looked
}

async function runOnce(deps: RunDeps, tx: Tx, { commandId, repository, who, looked }: Run): Promise<void> {
  const locked = await lockReceived(tx, commandId)
  if (!locked) return
  const { row, now } = locked
  // Verbs open their transaction inside ours.
  const core = askedVia({ ...deps.core, db: tx }, row.commentId === null ? 'button' : 'comment')
  const outcome = await carryOut(row, {
    core,
    repository,
    file: repositoryFileOf(repository),
    environments: await listOpenEnvironments(tx, repository.id),
    ...who,
    looked,
    now,
    secretsOf: deps.secretsOf,
    slug: deps.slug,
  })
  if (outcome === null) {
    await answerCommand(tx, row.id, { state: 'noop', reasonCode: 'ignored', reply: null })
    return
  }
  // A repeat of what is so already is acknowledged by its reaction alone; what a dry run found is the answer.
  const silent = outcome.kind === 'noop' && outcome.code !== 'dry_run'
  const tooMany = !silent && (await isTooMany(tx, row, outcome.kind, who.role))
  const reply = silent || tooMany ? null : outcome.message
  await answer(core, tx, row, { state: outcome.kind, reasonCode: outcome.code, reply })
}

async function isTooMany(tx: Tx, row: CommandRow, state: CommandRow['state'], role: Role | null) {
  if (state === 'refused') return (await countReplies(tx, row, 'refused')) >= refusalsAnHour
  if (role !== null && isAtLeast(role, 'write')) return false
  return (await countReplies(tx, row, state)) >= readsAnHour
}

async function giveUp(core: Core, tx: Tx, commandId: string): Promise<void> {
  const locked = await lockReceived(tx, commandId)
  if (!locked) return
  const reply = `Something went wrong on our side, and nothing was changed. Post the command again; if it fails again, look for command \`${commandId}\` in the log of Sluice.`
  await answer(core, tx, locked.row, { state: 'failed', reasonCode: 'internal_error', reply })
}

type Answer = Pick<CommandRow, 'state' | 'reasonCode' | 'reply'>

async function answer(core: Core, tx: Tx, row: CommandRow, said: Answer): Promise<void> {
  await answerCommand(tx, row.id, said)
  const { repositoryId, actor, issueNumber, buildId } = row
  await core.append(tx, {
    type: 'command.finished',
    repositoryId,
    buildId,
    actor,
    data: { commandId: row.id, issueNumber, state: said.state, code: said.reasonCode },
  })
  const next = await nextOfComment(tx, row)
  if (next) await core.jobs.send(tx, 'command', { commandId: next.id })
}
