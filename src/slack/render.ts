// The shapes of Slack's messages, as far as ours go. Pure.
import { oneLine } from '../builds/plain-text.ts'

export interface Message {
  /** What notifications and screen readers show. */
  text: string
  blocks: Block[]
}

/** `verbatim`: Slack turns nothing in it into a link or a mention by itself. */
interface Mrkdwn {
  type: 'mrkdwn'
  text: string
  verbatim: true
}

interface Plain {
  type: 'plain_text'
  text: string
}

/** Of buttons that open a page: Slack tells of the press, and there is nothing to do. */
export const linkPrefix = 'link-'

export interface Button {
  type: 'button'
  action_id: string
  text: Plain
  url: string
}

export type Block =
  | { type: 'section'; text: Mrkdwn }
  | { type: 'context'; elements: Mrkdwn[] }
  | { type: 'actions'; elements: Button[] }

/** Slack takes 3,000 characters in the text of a block. */
const maxText = 3_000

export function section(text: string): Block {
  return { type: 'section', text: mrkdwn(text.length <= maxText ? text : oneLine(text, maxText)) }
}

export function context(text: string): Block {
  return { type: 'context', elements: [mrkdwn(text)] }
}

export function plain(text: string): Plain {
  return { type: 'plain_text', text }
}

function mrkdwn(text: string): Mrkdwn {
  return { type: 'mrkdwn', text, verbatim: true }
}
