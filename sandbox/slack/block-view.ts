// One message's blocks as HTML. Unknown shapes are shown as nothing rather than trusted. Pure.
import { type Html, html, safeUrl } from '../html.ts'
import { renderMarkdown } from '../markdown.ts'
import { buttonsOf } from './blocks.ts'
import { type Names, renderMrkdwn } from './mrkdwn.ts'
import type { Block, Message } from './state.ts'

export type BlockContext = { names: Names; message: Message; user: string }

export function renderBlocks(blocks: Block[], context: BlockContext): Html {
  return html`${blocks.map(block => renderBlock(block, context))}`
}

function renderBlock(block: Block, context: BlockContext): Html {
  switch (block.type) {
    case 'header':
      return html`<div class="header">${plain(block.text)}</div>`
    case 'section':
      return section(block, context)
    case 'context':
      return html`<div class="context">${list(block.elements).map(element => textOrImage(element, context.names))}</div>`
    case 'divider':
      return html`<hr>`
    case 'markdown':
      return html`<div class="markdown">${renderMarkdown(String(block.text))}</div>`
    case 'image':
      return html`<div class="context">🖼 ${String(block.alt_text)}</div>`
    case 'actions':
      return html`<div class="row">${buttons(block, context)}</div>`
    default:
      return html``
  }
}

function section(block: Block, context: BlockContext): Html {
  const fields = list(block.fields).map(field => html`<div>${text(field, context.names)}</div>`)
  return html`<div class="section"><div class="grow">${text(block.text, context.names)}${fields.length > 0 ? html`<div class="fields">${fields}</div>` : ''}</div>${buttons(block, context)}</div>`
}

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])

function plain(value: unknown): string {
  return typeof value === 'object' && value !== null && 'text' in value ? String(value.text) : ''
}

function text(value: unknown, names: Names): Html {
  const isMrkdwn = typeof value === 'object' && value !== null && 'type' in value && value.type === 'mrkdwn'
  return isMrkdwn ? renderMrkdwn(plain(value), names) : html`${plain(value)}`
}

function textOrImage(element: unknown, names: Names): Html {
  return html`<span>${text(element, names)}</span>`
}

/** A link opens, everything else is a form that presses. The confirmation is told beside the button: no scripts here. */
function buttons(block: Block, { message, user }: BlockContext): Html[] {
  return buttonsOf([block]).map(button => {
    const { actionId, text: label, style, url, confirm } = button
    const kind = style ?? ''
    if (url) return html`<a class="button ${kind}" href="${safeUrl(url)}">${label}</a>`
    const hint = confirm ? `${confirm.title} ${confirm.text}` : ''
    return html`<form class="inline" method="post" action="/press"><input type="hidden" name="channel" value="${message.channel}"><input type="hidden" name="ts" value="${message.ts}">
<input type="hidden" name="user" value="${user}"><button class="${kind}" name="actionId" value="${actionId}" title="${hint}">${label}</button></form>`
  })
}
