// Checks as the pages show them: an icon, a row with buttons, the box on a commit or a pull request. Pure.
import { type Html, html } from '../../html.ts'
import type { CheckRun } from '../state.ts'
import { isGreen } from '../suite-result.ts'
import { type IconName, icon } from './icons.ts'
import { ago, postButton } from './layout.ts'

const looks: Record<string, [IconName, string]> = {
  success: ['check', 'green'],
  failure: ['cross', 'red'],
  timed_out: ['cross', 'red'],
  action_required: ['cross', 'red'],
  cancelled: ['skip', 'gray'],
  neutral: ['skip', 'gray'],
  skipped: ['skip', 'gray'],
  stale: ['skip', 'gray'],
}

export function runIcon(run: Pick<CheckRun, 'status' | 'conclusion'>): Html {
  const [name, color] =
    looks[run.conclusion ?? ''] ?? (run.status === 'queued' ? ['clock', 'amber'] : ['dot', 'amber'])
  const [shape, tone]: [IconName, string] = [name as IconName, color]
  return html`<span class="${tone}" title="${run.conclusion ?? run.status}">${icon(shape)}</span>`
}

/** One icon for all checks of a commit; nothing when there are none. */
export function combinedIcon(runs: CheckRun[]): Html {
  if (runs.length === 0) return html``
  if (runs.some(run => run.status !== 'completed'))
    return runIcon({ status: 'in_progress', conclusion: null })
  return runIcon({ status: 'completed', conclusion: runs.every(isGreen) ? 'success' : 'failure' })
}

export type ChecksModel = { full: string; sha: string; runs: CheckRun[]; viewer: string; mayWrite: boolean }

export function checksBox(model: ChecksModel): Html {
  if (model.runs.length === 0)
    return html`<div class="box"><div class="empty">No checks on this commit yet</div></div>`
  const rerun = model.mayWrite
    ? html`<span class="end">${postButton(`/${model.full}/commit/${model.sha}/rerun`, 'Re-run all checks')}</span>`
    : ''
  return html`<div class="box"><header>${combinedIcon(model.runs)}<h2>${headline(model.runs)}</h2>${rerun}</header>
${model.runs.map(run => checkRow(model, run))}</div>`
}

function headline(runs: CheckRun[]): string {
  const open = runs.filter(run => run.status !== 'completed').length
  if (open > 0) return `${open} of ${runs.length} checks still going`
  const red = runs.filter(run => !isGreen(run)).length
  return red > 0 ? `${red} of ${runs.length} checks did not pass` : 'All checks have passed'
}

function checkRow(model: ChecksModel, run: CheckRun): Html {
  return html`<div class="item">${runIcon(run)}<span class="grow"><a class="title" href="/${model.full}/runs/${run.id}">${run.name}</a>
<span class="soft">${run.title ?? run.conclusion ?? run.status}</span></span><span class="soft small">${ago(run.completedAt ?? run.startedAt)}</span>
${checkButtons(model, run)}</div>`
}

/** The App's own buttons, and "Re-run"; GitHub shows both only to people who may write. */
export function checkButtons(model: Pick<ChecksModel, 'full' | 'mayWrite'>, run: CheckRun): Html {
  if (!model.mayWrite || run.status !== 'completed') return html``
  const base = `/${model.full}/runs/${run.id}`
  return html`${run.actions.map(
    action =>
      html`<form class="inline" method="post" action="${base}/press"><button name="identifier" value="${action.identifier}" title="${action.description}">${action.label}</button></form>`,
  )}${postButton(`${base}/rerun`, 'Re-run')}`
}
