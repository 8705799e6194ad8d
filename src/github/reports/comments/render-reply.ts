// How the answer to a command looks: its comment, and the reaction under the comment that gave it. Pure.
import { codeSpan, truncate, withoutCommands } from '../markdown.ts'

export type CommandState = 'received' | 'done' | 'noop' | 'refused' | 'failed'
export type Reaction = 'rocket' | '+1' | 'confused' | '-1'

interface Answered {
  id: string
  line: string
  actor: string
  reasonCode: string | null
  reply: string
}

const maxBytes = 65_000

/** Hidden in the answer: the command, so that a second try does not answer again, and the stable code of the outcome. */
export function replyMarker(commandId: string): string {
  return `<!-- sluice:reply ${commandId}`
}

export function renderReply({ id, line, actor, reasonCode, reply }: Answered): string {
  const code = reasonCode?.replace(/[^\w.-]/g, '') || 'none'
  const body = `${replyMarker(id)} ${code} -->\n> ${codeSpan(line)} by ${codeSpan(actor)}\n\n${reply}`
  return truncate(withoutCommands(body), maxBytes)
}

/** For a comment of several commands: the reaction that says the worst of them. Null: not all have ended. */
export function reactionTo(states: readonly CommandState[]): Reaction | null {
  if (states.includes('received')) return null
  if (states.includes('failed')) return '-1'
  if (states.includes('refused')) return 'confused'
  return states.includes('done') ? 'rocket' : '+1'
}
