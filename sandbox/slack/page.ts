// The page of the workspace: its channels, messages in order with their threads, and buttons that work, pressed as
// whoever the reader chose to be.
import { escapeHtml, type Html, html, trusted } from '../html.ts'
import { HttpError, page, type Reply, redirect } from '../http/reply.ts'
import { style } from '../style.ts'
import { renderBlocks } from './block-view.ts'
import { renderMrkdwn } from './mrkdwn.ts'
import { press } from './press.ts'
import type { Channel, Message, User } from './state.ts'
import { userOf, type Workspace } from './workspace.ts'

export type PageQuery = { user: string | null; answered: string | null }

const look = trusted(`<style>
.message { display: flex; gap: 12px; padding: 12px 16px; } .message + .message { border-top: 1px solid var(--line-soft); }
.message.reply { margin-left: 40px; border-top: 0; padding-top: 4px; border-left: 2px solid var(--line-soft); } .face { width: 36px; height: 36px; border-radius: 8px; background: #4a154b; color: #fff; display: grid; place-items: center; font-weight: 700; flex: none; }
.message.reply .face { width: 24px; height: 24px; font-size: 12px; border-radius: 6px; }
.header { font-size: 17px; font-weight: 700; margin: 4px 0; } .section { display: flex; gap: 16px; align-items: flex-start; margin: 6px 0; } .fields { display: grid; grid-template-columns: 1fr 1fr; gap: 8px 24px; margin-top: 6px; }
.context { color: var(--soft); font-size: 12px; display: flex; gap: 10px; flex-wrap: wrap; margin: 6px 0; } blockquote { border-left: 4px solid var(--line); margin: 4px 0; padding-left: 12px; } hr { border: 0; border-top: 1px solid var(--line); }
.mention { background: var(--tint); color: var(--link); border-radius: 4px; padding: 0 3px; } .ephemeral { background: var(--tint); } button.primary { background: #007a5a; } button.danger { border-color: var(--red); }
</style>`)

export function workspacePage(workspace: Workspace, query: PageQuery): Reply {
  const user = userOf(workspace, query.user ?? '') ?? workspace.state.users[0]
  const content = workspace.state.channels.map(channel => channelBox(workspace, channel, user))
  return page(html`<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Slack sandbox</title>${style}${look}</head><body>
<div class="top"><nav><a class="brand" href="/">Slack sandbox</a><span class="as">reading as ${workspace.state.users.map(one => chip(one, user))}</span></nav></div>
<main style="max-width:780px">${notice(query.answered)}${content}</main></body></html>`)
}

function chip(one: User, user: User | undefined): Html {
  return html`<a style="padding:2px 9px" class="${one.id === user?.id ? 'on' : ''}" href="/?user=${one.name}">${one.name}</a>`
}

function notice(answered: string | null): Html {
  if (answered === null) return html``
  const text =
    answered === '0' ? 'The app did not answer within three seconds.' : `The app answered ${answered}.`
  return html`<p class="notice">${text}</p>`
}

function channelBox(workspace: Workspace, channel: Channel, user: User | undefined): Html {
  const all = workspace.state.messages.filter(message => message.channel === channel.id)
  const top = all.filter(message => !message.threadTs || message.broadcast)
  const rows = top.map(
    message =>
      html`${messageRow(workspace, message, user, false)}${repliesTo(all, message).map(reply => messageRow(workspace, reply, user, true))}`,
  )
  return html`<div class="box"><header><h2># ${channel.name}</h2><span class="soft">${top.length} messages</span></header>
${rows.length > 0 ? rows : html`<div class="empty">Nothing was said here yet</div>`}</div>`
}

function repliesTo(all: Message[], message: Message): Message[] {
  return all.filter(other => other.threadTs === message.ts && other.ts !== message.ts)
}

function messageRow(workspace: Workspace, message: Message, user: User | undefined, isReply: boolean): Html {
  const names = (id: string) => userOf(workspace, id)?.name ?? id
  const context = { names, message, user: user?.name ?? '' }
  const body = message.blocks
    ? renderBlocks(message.blocks, context)
    : html`<div>${renderMrkdwn(message.text, names)}</div>`
  const to = message.ephemeralTo
  const kinds = `message${isReply ? ' reply' : ''}${to ? ' ephemeral' : ''}`
  return html`<div class="${kinds}" id="${message.channel}-${message.ts.replace('.', '')}"><span class="face">S</span><div class="grow">
<span class="title">Sluice</span> <span class="label">app</span> <span class="soft small">${clock(message.ts)}${message.editedTs ? ' (edited)' : ''}${message.broadcast ? ' also sent to the channel' : ''}</span>
${to ? html`<div class="soft small">Only visible to ${names(to)}</div>` : ''}${body}${reactions(workspace, message)}</div></div>`
}

function reactions(workspace: Workspace, message: Message): Html {
  const found = workspace.state.reactions.filter(
    ({ ts, channel }) => ts === message.ts && channel === message.channel,
  )
  return html`${found.map(reaction => html`<span class="label">${renderMrkdwn(`:${reaction.name}:`)}</span> `)}`
}

function clock(ts: string): Html {
  const time = new Date(Number(ts) * 1000).toISOString()
  return trusted(`<time datetime="${escapeHtml(time)}">${escapeHtml(time.slice(11, 16))}</time>`)
}

export async function pressFromPage(workspace: Workspace, body: unknown): Promise<Reply> {
  const form = new Map(Object.entries(typeof body === 'object' && body !== null ? body : {}))
  const [channel, ts, actionId, user] = ['channel', 'ts', 'actionId', 'user'].map(name => form.get(name))
  if (typeof channel !== 'string' || typeof ts !== 'string') throw new HttpError(400, 'no message')
  const wanted = { channel, ts, actionId: String(actionId), ...(user ? { user: String(user) } : {}) }
  const status = await press(workspace, wanted)
  return redirect(`/?user=${encodeURIComponent(String(user ?? ''))}&answered=${status}`, 303)
}
