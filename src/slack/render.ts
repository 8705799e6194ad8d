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

/** `url`: it opens that, and nobody is asked. */
export interface Button {
  type: 'button'
  action_id: string
  text: Plain
  value?: string
  url?: string
  style?: 'danger'
  confirm?: { title: Plain; text: Plain; confirm: Plain; deny: Plain; style?: 'danger' }
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

/** Slack's limits: 100 characters of a title, 300 of a text, 30 of a button in a dialog. */
export function ask(title: string, text: string, yes: string): NonNullable<Button['confirm']> {
  return {
    title: plain(oneLine(title, 100)),
    text: plain(oneLine(text, 300)),
    confirm: plain(oneLine(yes, 30)),
    deny: plain('Cancel'),
  }
}

export function plain(text: string): Plain {
  return { type: 'plain_text', text }
}

function mrkdwn(text: string): Mrkdwn {
  return { type: 'mrkdwn', text, verbatim: true }
}
