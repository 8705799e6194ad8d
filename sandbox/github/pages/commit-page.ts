// A commit with its checks, and one check run with what it reports: summary, text, annotations, buttons. Pure.
import { type Html, html, safeUrl } from '../../html.ts'
import { renderMarkdown } from '../../markdown.ts'
import type { Commit } from '../git/commits.ts'
import type { ChangedFile } from '../git/diff.ts'
import type { Annotation, CheckRun, CommitComment } from '../state.ts'
import { checkButtons, checksBox, runIcon } from './checks-box.ts'
import { icon } from './icons.ts'
import { ago, asSelect, shortSha } from './layout.ts'
import { commentCard } from './parts.ts'

type Reader = { full: string; viewer: string; people: string[]; mayWrite: boolean }
export type CommitModel = Reader & {
  commit: Commit
  files: ChangedFile[]
  runs: CheckRun[]
  comments: CommitComment[]
}

export function commitPage(model: CommitModel): Html {
  const { commit, full } = model
  const [subject = '', ...rest] = commit.message.split('\n')
  const body = rest.join('\n').trim()
  return html`<p class="soft">${icon('book')} <a href="/${full}">${full}</a></p><h1>${icon('commit', 20)} ${subject}</h1>${body ? html`<pre>${body}</pre>` : ''}
<p class="soft">${commit.author.name} committed ${ago(commit.committer.date)} · <span class="mono">${commit.sha}</span>
${commit.parents.map(sha => html` · parent ${shortSha(full, sha)}`)}</p>
${checksBox({ ...model, sha: commit.sha })}
${model.runs.map(run => (run.summary || run.annotations.length > 0 ? output(model, run) : ''))}
${filesBox(model.files)}
<div class="timeline">${model.comments.map(comment => commentCard({ ...comment, id: `commitcomment-${comment.id}`, at: comment.createdAt, edited: false }))}</div>
<form class="box" method="post" action="/${full}/commit/${commit.sha}/comments"><div class="body"><textarea name="body" placeholder="Comment on this commit"></textarea>
<p class="row" style="margin:10px 0 0"><span class="soft">Comment as</span>${asSelect(model.people, model.viewer)}<button class="primary end">Comment</button></p></div></form>`
}

function filesBox(files: ChangedFile[]): Html {
  const signs: Record<string, string> = { added: '+', removed: '−' }
  const rows = files
    .slice(0, 100)
    .map(
      file =>
        html`<div class="item mono"><span class="soft">${signs[file.status] ?? '•'}</span> ${file.filename}</div>`,
    )
  return html`<details class="box"><summary class="item title">${files.length} changed files</summary>${rows}</details>`
}

function output(model: Reader, run: CheckRun): Html {
  return html`<div class="box"><header>${runIcon(run)}<a class="title" href="/${model.full}/runs/${run.id}">${run.name}</a><span class="soft">${run.title}</span></header>
<div class="body markdown">${renderMarkdown(run.summary ?? '')}</div></div>${annotationsBox(run.annotations)}`
}

export function checkPage(model: Reader & { run: CheckRun; appName: string }): Html {
  const { run, full } = model
  return html`<p class="soft">${icon('book')} <a href="/${full}">${full}</a> · check on ${shortSha(full, run.headSha)} by ${model.appName}</p>
<div class="row"><h1 class="grow">${runIcon(run)} ${run.name}</h1>${checkButtons(model, run)}</div>
<p class="soft">${run.conclusion ?? run.status} ${ago(run.completedAt ?? run.startedAt)} · <a href="${safeUrl(run.detailsUrl)}">Details</a>
${run.externalId ? html` · <span class="mono">${run.externalId}</span>` : ''}</p>
<div class="box"><header><h2>${run.title ?? run.name}</h2></header><div class="body markdown">${renderMarkdown(run.summary ?? '')}</div></div>
${annotationsBox(run.annotations)}
${run.text ? html`<div class="box"><header><h2>Details</h2></header><div class="body markdown">${renderMarkdown(run.text)}</div></div>` : ''}`
}

function annotationsBox(annotations: Annotation[]): Html {
  if (annotations.length === 0) return html``
  return html`<div class="box"><header><h2>Annotations</h2><span class="soft">${annotations.length}</span></header>${annotations.map(annotation)}</div>`
}

function annotation(found: Annotation): Html {
  const lines =
    found.start_line === found.end_line ? found.start_line : `${found.start_line}-${found.end_line}`
  return html`<div class="item annotation ${found.annotation_level}"><span class="grow"><span class="mono strong">${found.path}:${lines}</span>
<span class="soft small">${found.annotation_level}</span><div>${found.title ? html`<strong>${found.title}</strong> ` : ''}${found.message}</div>
${found.raw_details ? html`<pre>${found.raw_details}</pre>` : ''}</span></div>`
}
