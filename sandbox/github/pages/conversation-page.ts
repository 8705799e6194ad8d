// A pull request or an issue: the conversation in order, the checks with their buttons, deployments, what may be done.
import { type Html, html } from '../../html.ts'
import type { Activity, CheckRun, Comment, Deployment, Issue, QueueEntry } from '../state.ts'
import { checksBox } from './checks-box.ts'
import { deploymentsBox } from './deployments-box.ts'
import { icon } from './icons.ts'
import { ago, asSelect, avatar, postButton, shortSha } from './layout.ts'
import { commentCard, issueState, stateBadge } from './parts.ts'

export type ConversationModel = {
  full: string
  issue: Issue
  comments: Comment[]
  runs: CheckRun[]
  deployments: Deployment[]
  queued: QueueEntry | null
  mergeable: boolean
  people: string[]
  viewer: string
  mayWrite: boolean
}

export function conversationPage(model: ConversationModel): Html {
  const { issue, full } = model
  return html`<p class="soft">${icon('book')} <a href="/${full}">${full}</a></p><h1>${issue.title} <span class="soft">#${issue.number}</span></h1>
<p class="row">${stateBadge(issue)}<span class="soft">${byline(model)}</span></p>
<div class="columns gap"><div><div class="timeline">${timeline(model)}</div>
${issue.pull ? checksBox({ ...model, sha: issue.pull.head.sha }) : ''}${issue.pull ? mergeBox(model) : ''}
${commentBox(model)}</div><aside class="side">${side(model, full)}</aside></div>`
}

function byline({ issue, full }: ConversationModel): Html {
  const { pull } = issue
  if (!pull) return html`<strong>${issue.login}</strong> opened this issue ${ago(issue.createdAt)}`
  const verb = pull.merged ? 'merged' : 'wants to merge'
  const who = pull.merged ? (pull.mergedBy ?? issue.login) : issue.login
  const head = full.startsWith(`${pull.head.owner}/`) ? pull.head.ref : `${pull.head.owner}:${pull.head.ref}`
  return html`<strong>${who}</strong> ${verb} <code>${head}</code> into <code>${pull.base.ref}</code> at ${shortSha(full, pull.head.sha)}`
}

function timeline({ issue, comments }: ConversationModel): Html[] {
  const opening = commentCard({
    login: issue.login,
    at: issue.createdAt,
    body: issue.body ?? '',
    edited: false,
    reactions: issue.reactions,
  })
  const entries = [
    ...comments.map(comment => ({ id: comment.id, shown: toCard(comment) })),
    ...issue.activity.map(activity => ({ id: activity.id, shown: happened(activity) })),
  ]
  // Ids count up through the whole world; times only have whole seconds.
  return [opening, ...entries.sort((a, b) => a.id - b.id).map(entry => entry.shown)]
}

function toCard(comment: Comment): Html {
  const { login, body, reactions, createdAt, updatedAt, id } = comment
  const edited = updatedAt !== createdAt
  return commentCard({ login, at: createdAt, body, edited, reactions, id: `issuecomment-${id}` })
}

function happened({ login, text, at }: Activity): Html {
  return html`<p class="happened">${icon('commit')}${avatar(login)}<span><strong>${login}</strong> ${text} ${ago(at)}</span></p>`
}

function mergeBox(model: ConversationModel): Html {
  const { issue, full, mayWrite, queued, mergeable } = model
  if (issue.state !== 'open' || !mayWrite) return html``
  const base = `/${full}/pull/${issue.number}`
  if (queued) {
    return html`<div class="box"><div class="item"><span class="amber">${icon('clock')}</span><span class="grow">In the merge queue as ${shortSha(full, queued.headSha)}</span>
${postButton(`${base}/leave-queue`, 'Leave')}${postButton(`${base}/merge-queued`, 'Merge without waiting')}</div></div>`
  }
  if (issueState(issue) === 'draft') {
    return html`<div class="box"><div class="item"><span class="grow">This is still a draft</span>${postButton(`${base}/ready`, 'Ready for review')}</div></div>`
  }
  const text = mergeable ? 'This branch has no conflicts with the base branch' : 'This branch has conflicts'
  const buttons = mergeable
    ? html`${postButton(`${base}/queue`, 'Merge when ready')}${postButton(`${base}/merge`, 'Merge pull request', { kind: 'primary' })}`
    : ''
  return html`<div class="box"><div class="item"><span class="${mergeable ? 'green' : 'red'}">${icon(mergeable ? 'check' : 'cross')}</span><span class="grow">${text}</span>${buttons}</div></div>`
}

function commentBox(model: ConversationModel): Html {
  const { issue, full, people, viewer } = model
  const base = `/${full}/issues/${issue.number}`
  return html`<form class="box" method="post" action="${base}/comments"><div class="body"><textarea name="body" placeholder="Leave a comment, or a command such as /status"></textarea>
<p class="row" style="margin:10px 0 0"><span class="soft">Comment as</span>${asSelect(people, viewer)}<span class="end"></span>
${stateButton(model, base)}<button class="primary">Comment</button></p></div></form>`
}

function stateButton({ issue }: ConversationModel, base: string): Html {
  if (issue.pull?.merged) return html``
  const [state, label] = issue.state === 'open' ? ['closed', 'Close'] : ['open', 'Reopen']
  return html`<button formaction="${base}/state" name="state" value="${state}">${label} ${issue.pull ? 'pull request' : 'issue'}</button>`
}

function side(model: ConversationModel, full: string): Html {
  const labels = model.issue.labels.map(label => html`<span class="label">${label.name}</span> `)
  const people = [...new Set([model.issue.login, ...model.comments.map(comment => comment.login)])]
  return html`${deploymentsBox(model.deployments, full)}
<section><h3>Labels</h3>${labels.length > 0 ? labels : html`<span class="soft small">None yet</span>`}</section>
<section><h3>Participants</h3>${people.map(login => html`<span title="${login}">${avatar(login, 26)}</span> `)}</section>`
}
