// A new comment: its commands are stored, each once whatever is delivered how often, and the first gets its job. Nothing is
// carried out here. Bots give no commands: two of them could talk to each other for ever.
import { findRepository, repositoryFileOf } from '../environments/store.ts'
import type { Core } from '../events/outbox.ts'
import { parseComment } from './parse.ts'
import { commandNames, findCommand } from './registry.ts'
import { insertCommands } from './store.ts'

export interface Comment {
  repositoryId: number
  commentId: number
  /** Null: it stands on a commit. */
  issueNumber: number | null
  /** Null: it stands on an issue or a pull request. */
  commitSha: string | null
  isPull: boolean
  isOpen: boolean
  body: string
  actor: string
  actorIsBot: boolean
  commentedAt: Date
  /** Our App's name on the host, which may stand before a command. */
  slug?: string
}

/** Resolves to the ids of the commands that are new. */
export async function receiveComment(core: Core, comment: Comment): Promise<string[]> {
  if (comment.actorIsBot || comment.actor.endsWith('[bot]')) return []
  const repository = await findRepository(core.db, comment.repositoryId)
  if (!repository || repository.removedAt) return []
  const { requirePrefix } = repositoryFileOf(repository).commands
  const { slug, body, actorIsBot: _actorIsBot, ...about } = comment
  const { commands, problems } = parseComment(body, { names: commandNames, slug, requirePrefix })
  // One too many is stored as well, at a position that is refused: so it is answered like any other.
  const lines = [...commands, ...problems].map(one => one.line)
  const rows = lines.map((line, position) => ({ ...about, line, position }))
  return core.db.transaction(async tx => {
    const inserted = await insertCommands(tx, rows)
    const [first] = inserted
    if (!first) return []
    for (const row of inserted) {
      const name = commands[row.position]?.name ?? null
      // A slip of the pen may turn out to be none of ours; then nobody shall see that it was looked at.
      if (name !== null && !findCommand(name)) continue
      await core.append(tx, {
        type: 'command.received',
        repositoryId: row.repositoryId,
        actor: row.actor,
        data: { commandId: row.id, issueNumber: row.issueNumber },
      })
    }
    await core.jobs.send(tx, 'command', { commandId: first.id })
    return inserted.map(row => row.id)
  })
}
