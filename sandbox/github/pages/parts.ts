// Small pieces several pages share: states, comments, reactions. Pure.
import { type Html, html } from '../../html.ts'
import { renderMarkdown } from '../../markdown.ts'
import type { Issue, Reaction } from '../state.ts'
import { icon } from './icons.ts'
import { ago, avatar } from './layout.ts'

export function issueState(issue: Issue): 'open' | 'closed' | 'merged' | 'draft' | 'done' {
  if (issue.pull?.merged) return 'merged'
  if (issue.state === 'closed') return issue.pull ? 'closed' : 'done'
  return issue.pull?.draft ? 'draft' : 'open'
}

const labels = { open: 'Open', closed: 'Closed', merged: 'Merged', draft: 'Draft', done: 'Closed' }
const tones = { open: 'green', closed: 'red', merged: 'purple', draft: 'gray', done: 'purple' }

export function issueIcon(issue: Issue): Html {
  return html`<span class="${tones[issueState(issue)]}">${icon(issue.pull ? 'pull' : 'issue')}</span>`
}

export function stateBadge(issue: Issue): Html {
  const state = issueState(issue)
  return html`<span class="state ${state}">${icon(issue.pull ? 'pull' : 'issue')} ${labels[state]}</span>`
}

const emoji: Record<string, string> = {
  '+1': '👍',
  '-1': '👎',
  laugh: '😄',
  hooray: '🎉',
  confused: '😕',
  heart: '❤️',
  rocket: '🚀',
  eyes: '👀',
}

export function reactionsLine(reactions: Reaction[]): Html {
  if (reactions.length === 0) return html``
  const contents = [...new Set(reactions.map(reaction => reaction.content))]
  return html`<div class="reactions">${contents.map(content => {
    const logins = reactions.filter(reaction => reaction.content === content).map(reaction => reaction.login)
    return html`<span title="${logins.join(', ')}">${emoji[content] ?? content} ${logins.length}</span>`
  })}</div>`
}

export type CommentModel = {
  login: string
  at: string
  body: string
  edited: boolean
  reactions: Reaction[]
  id?: string
}

export function commentCard(comment: CommentModel): Html {
  const bot = comment.login.endsWith('[bot]')
  return html`<div class="box" id="${comment.id}"><span class="avatar-out">${avatar(comment.login, 38)}</span>
<header class="soft"><span class="title">${comment.login.replace(/\[bot\]$/, '')}</span>${bot ? html`<span class="label">bot</span>` : ''}
<span>commented ${ago(comment.at)}${comment.edited ? ', edited' : ''}</span></header>
<div class="body markdown">${comment.body.trim() ? renderMarkdown(comment.body) : html`<p class="soft"><em>No description</em></p>`}</div>
${reactionsLine(comment.reactions)}</div>`
}
