// One execution: what it was called with, what came of it, its attempts one after another, and what it said. Pure.
import type { EndedAttempt } from '../../db/schema.ts'
import type { LogPage } from '../../executions/find-logs.ts'
import { environmentPath, type InEnvironment, segment } from '../context.ts'
import { colored } from '../html/ansi.ts'
import { type Html, html, nothing } from '../html/html.ts'
import { environmentPage, token } from '../html/layout.ts'
import { facts, logBox, section, stateBadge, when } from '../html/parts.ts'
import { duration, utc } from '../html/words.ts'
import { errorOf, indented, type StoredError } from './error.ts'
import type { Whole } from './executions-store.ts'

export interface ExecutionView {
  visit: InEnvironment
  whole: Whole
  arguments: string
  result: string | null
  logs: LogPage
  versionNumbers: ReadonlyMap<string, number>
  held: string | null
}

const longestShown = 60_000
const cut = (text: string) =>
  text.length > longestShown ? `${text.slice(0, longestShown)}\n… (${text.length} characters)` : text

export function executionPage(view: ExecutionView): Html {
  const { visit, whole, result, logs } = view
  const { execution, functionName, version } = whole
  const path = environmentPath(visit)
  const error = errorOf(execution.error)
  const queueMs = execution.startedAt ? execution.startedAt.getTime() - execution.scheduleFor.getTime() : null
  return environmentPage({
    visit,
    title: `${functionName} ${execution.id.slice(0, 8)}`,
    tab: 'executions',
    trail: [{ label: execution.id.slice(0, 8), path: `${path}/executions/${execution.id}` }],
    live: true,
    content: html`<div class="head" id="head" data-part><div class="title"><h1>${functionName}</h1>${stateBadge(execution.state)}</div><div class="actions">${actions(path, view)}</div></div>
      <div id="facts" data-part>${facts(
        ['Execution', html`<code>${execution.id}</code>`],
        [
          'Function',
          html`<a href="${path}/functions/${segment(functionName)}">${functionName}</a>${version ? ` v${version}` : ''}`,
        ],
        ['Called by', execution.executedBy],
        [
          'Rerun of',
          execution.rerunOf
            ? html`<a class="mono" href="${path}/executions/${execution.rerunOf}">${execution.rerunOf.slice(0, 8)}</a>`
            : null,
        ],
        ['Scheduled', when(execution.scheduleFor, visit.now)],
        ['Waited', queueMs === null ? null : duration(Math.max(0, queueMs))],
        ['Started', execution.startedAt ? when(execution.startedAt, visit.now) : null],
        ['Finished', execution.finishedAt ? when(execution.finishedAt, visit.now) : null],
        ['Took', execution.finishedAt ? tookOf(execution.attempts.at(-1)) : null],
        ['Discarded if not begun', execution.discardAfter ? when(execution.discardAfter, visit.now) : null],
        ...Object.entries(execution.metadata).map(([key, value]): [string, string] => [key, value]),
      )}${view.held ? html`<p class="notice">It waits: ${view.held}.</p>` : nothing}</div>
      <div id="outcome" data-part>${error ? section('Error', execution.errorCode ? html`<code>${execution.errorCode}</code>` : nothing, failure(error)) : nothing}${result === null ? nothing : section('Result', nothing, html`<pre class="block" tabindex="0">${cut(indented(result))}</pre>`)}</div>
      <div class="columns">${section('Arguments', nothing, html`<pre class="block" tabindex="0">${cut(indented(view.arguments))}</pre>`)}<div id="attempts" data-part>${section('Attempts', nothing, attempts(view))}</div></div>
      ${section('Log', nothing, log(logs))}`,
  })
}

function tookOf(last: EndedAttempt | undefined): string | null {
  return last ? duration(new Date(last.finishedAt).getTime() - new Date(last.startedAt).getTime()) : null
}

function actions(path: string, { visit, whole: { execution } }: ExecutionView): Html {
  const act = (verb: string, label: string, kind = '') =>
    html`<form method="post" action="${path}/executions/${execution.id}/${verb}">${token(visit)}<button class="${kind}">${label}</button></form>`
  if (execution.state === 'queued') return act('cancel', 'Cancel', 'danger')
  if (execution.state === 'running')
    return html`<a class="button danger" href="${path}/executions/${execution.id}/abort">Abort</a>`
  return execution.state === 'aborting' ? nothing : act('rerun', 'Rerun', 'primary')
}

function failure({ name, message, stack, cause }: StoredError): Html {
  const trace = stack?.startsWith(`${name}: ${message}`)
    ? stack.slice(name.length + message.length + 3)
    : stack
  const because =
    cause === undefined || cause === null
      ? nothing
      : html`\nCaused by: ${cut(typeof cause === 'string' ? cause : JSON.stringify(cause, null, 2))}`
  return html`<pre class="block failure" tabindex="0"><strong>${name}</strong>: ${cut(message)}${trace ? html`\n${cut(trace.replace(/^\n/, ''))}` : nothing}${because}</pre>`
}

const tones: Record<string, string> = { succeeded: 'good', failed: 'bad', lost: 'bad', running: 'run' }
const reasons: Record<string, string> = {
  first: 'first',
  retry: 'retry after a failure',
  interrupted: 'again after an interruption',
  lease_expired: 'again after its worker was lost',
}

function attempts({ visit, whole: { execution }, versionNumbers }: ExecutionView): Html {
  const ended = execution.attempts.map(one => attempt(one, versionNumbers))
  const isUnderWay = execution.state === 'running' || execution.state === 'aborting'
  if (ended.length === 0 && !isUnderWay) return html`<p class="soft">It has not begun yet.</p>`
  const now = isUnderWay
    ? html`<li class="run"><strong>Attempt ${execution.attempt}</strong> ${stateBadge(execution.state)}<span class="under">since ${when(execution.attemptStartedAt, visit.now)} on ${execution.workerId ?? 'a worker'}</span></li>`
    : nothing
  return html`<ol class="timeline">${ended}${now}</ol>`
}

function attempt(one: EndedAttempt, versionNumbers: ReadonlyMap<string, number>): Html {
  const [startedAt, finishedAt] = [new Date(one.startedAt), new Date(one.finishedAt)]
  const error = errorOf(one.error)
  const version = versionNumbers.get(one.versionId)
  return html`<li class="${tones[one.state] ?? 'idle'}"><strong>Attempt ${one.number}</strong> ${stateBadge(one.state)} <span class="soft">${duration(finishedAt.getTime() - startedAt.getTime())}</span>
    <span class="under">${reasons[one.reason] ?? one.reason}${version ? ` · v${version}` : ''} · <time datetime="${startedAt.toISOString()}" data-absolute>${utc(startedAt)}</time></span>${error ? html`<span class="under is-bad">${one.code ?? ''} ${error.name}: ${error.message.slice(0, 300)}</span>` : nothing}</li>`
}

function log({ lines, next }: LogPage): Html {
  if (lines.length === 0)
    return logBox(
      html`<div class="stage">It has said nothing. What a function prints with <code>console.log</code> stands here while it runs.</div>`,
    )
  const severities: Record<string, string> = { error: 'error', warn: 'warn-line' }
  let attemptBefore = 0
  const rows = lines.map(({ atMs, level, text, attempt: number }) => {
    const head = number === attemptBefore ? nothing : html`<div class="stage">Attempt ${number}</div>`
    attemptBefore = number
    const at = new Date(atMs)
    return html`${head}<p class="${severities[level] ?? ''}"><time datetime="${at.toISOString()}" data-absolute>${at.toISOString().slice(11, 23)}</time><span>${colored(text)}</span></p>`
  })
  return logBox(
    html`${rows}${next ? html`<p><span></span><a href="?after=${next}">Further lines</a></p>` : nothing}`,
  )
}
