// One function: how it is, its charts with what was deployed when, what it fails with, its versions. Pure.
import { environmentPath, type InEnvironment, segment } from '../context.ts'
import { durationChart, executionsChart, type Marker, type Point } from '../html/charts.ts'
import { type Html, html, nothing } from '../html/html.ts'
import { environmentPage } from '../html/layout.ts'
import { badge, empty, facts, section, table, when } from '../html/parts.ts'
import { duration, number, percent, shortSha } from '../html/words.ts'
import { holdingBadge } from '../insights/insights-page.ts'
import type { ShownFunction } from '../insights/insights-store.ts'
import { none, type Summary } from '../rollups/summary.ts'
import type { RecentError, ShownVersion, Switch } from './function-store.ts'
import { describe, differences } from './options.ts'

export interface FunctionView {
  visit: InEnvironment
  one: ShownFunction
  versions: readonly ShownVersion[]
  summary: Summary
  byVersion: ReadonlyMap<string, Summary>
  points: readonly Point[]
  markers: readonly Marker[]
  errors: readonly RecentError[]
  switches: readonly Switch[]
  ticks: readonly Date[]
  windowWords: string
}

export function functionPage(view: FunctionView): Html {
  const { visit, one, summary, points, markers, errors, windowWords } = view
  const path = environmentPath(visit)
  const live = view.versions.find(version => version.id === one.versionId)
  return environmentPage({
    visit,
    title: one.name,
    tab: 'functions',
    trail: [{ label: one.name, path: `${path}/functions/${segment(one.name)}` }],
    live: true,
    content: html`<div class="head" id="head" data-part><div class="title"><h1>${one.name}</h1>${holdingBadge(one, visit.now)}</div><div class="actions">${actions(path, view)}</div></div>
      ${holdingNotice(one, visit.now)}
      <div id="figures" data-part>${facts(
        [
          'Live version',
          live
            ? html`v${live.number} from <a href="${path}/builds/${live.build.number}">build ${live.build.number}</a>`
            : 'none',
        ],
        [
          `Executions, ${windowWords}`,
          html`<a href="${path}/executions?function=${segment(one.name)}">${number(summary.executions)}</a>`,
        ],
        [
          'Failed',
          html`<span class="${summary.failed > 0 ? 'is-bad' : ''}">${number(summary.failed)} (${percent(summary.failed, summary.failed + summary.succeeded)})</span>`,
        ],
        ['Mean', duration(summary.meanMs)],
        ['p50', duration(summary.p50Ms)],
        ['p95', duration(summary.p95Ms)],
        ['Running', number(one.running)],
        [one.paused || one.archivedAt || one.deletion ? 'Held' : 'Waiting', number(one.queued)],
        ['File', one.file ? html`<code>${one.file}</code>` : null],
      )}</div>
      <div class="columns" id="charts" data-part>${durationChart(points, markers)}${executionsChart(points, markers)}</div>
      <div id="errors" data-part>${errors.length === 0 ? nothing : errorTable(path, errors, visit.now)}</div>
      ${view.ticks.length === 0 ? nothing : schedule(view)}
      ${versionTable(path, view)}
      ${live ? section('Options', html`<span class="soft">of v${live.number}</span>`, facts(...Object.entries(describe(live.options)))) : nothing}`,
  })
}

function actions(path: string, { one, versions }: FunctionView): Html {
  const act = (verb: string, label: string, kind = '') =>
    html`<a class="button ${kind}" href="${path}/do/${verb}?function=${segment(one.name)}">${label}</a>`
  if (one.deletion) return act('cancel-deletion', 'Cancel the deletion', 'primary')
  const hasEarlier = versions.some(version => one.version !== null && version.number < one.version)
  return html`${one.version === null ? nothing : act('run', 'Run now', 'primary')}${one.paused ? act('resume', 'Resume') : act('pause', 'Pause')}${hasEarlier ? act('rollback', 'Roll back') : nothing}${one.archivedAt ? act('restore', 'Restore') : act('archive', 'Archive')}${act('delete', 'Delete', 'danger')}`
}

function holdingNotice({ paused, deletion, archivedAt, archivedBecause }: ShownFunction, now: Date): Html {
  if (deletion)
    return html`<p class="notice bad">It will be deleted ${when(deletion.executeAt, now)}, asked for by <strong>${deletion.actor}</strong>. Executions are accepted and held until then.</p>`
  if (paused)
    return html`<p class="notice">Paused by <strong>${paused.actor}</strong>${paused.reason ? html`, “${paused.reason}”` : nothing}${paused.until ? html`, until ${when(paused.until, now)}` : nothing}. Executions are accepted and held.</p>`
  if (!archivedAt) return nothing
  return html`<p class="notice">Archived ${when(archivedAt, now)}${archivedBecause === 'removed_from_code' ? ': it is no longer in the code' : ' by hand'}. Executions are accepted and held; its schedule rests.</p>`
}

function errorTable(path: string, errors: readonly RecentError[], now: Date): Html {
  return section(
    'What it failed with',
    html`<span class="soft">the newest failures of a day</span>`,
    table(
      'What it failed with',
      ['Error', { name: 'Times', number: true }, { name: 'Last', wide: true }, ''],
      errors.map(
        ({ name, message, amount, newest, at }) =>
          html`<tr><td><strong>${name}</strong> <span class="one-line">${message.slice(0, 300)}</span></td><td class="number">${number(amount)}</td><td class="wide">${when(at, now)}</td><td class="act"><a href="${path}/executions/${newest}" aria-label="The newest execution that failed with ${name}">Newest</a></td></tr>`,
      ),
    ),
  )
}

function schedule({ ticks, visit, one }: FunctionView): Html {
  const rests = !visit.environment.crons || one.archivedAt !== null || one.deletion !== null
  const times = ticks.map(
    tick =>
      html`<li>${when(tick, visit.now)} <span class="soft">${tick.toISOString().slice(0, 16).replace('T', ' ')} UTC</span></li>`,
  )
  return section(
    'Schedule',
    rests
      ? badge('warn', visit.environment.crons ? 'rests' : 'schedules are off in this environment')
      : nothing,
    html`<div class="sheet pad"><ul class="chips">${times}</ul></div>`,
  )
}

function versionTable(path: string, { visit, one, versions, byVersion, windowWords }: FunctionView): Html {
  if (versions.length === 0)
    return section(
      'Versions',
      nothing,
      empty('It never had a version', html`The next deploy that has it in the code makes one.`),
    )
  const rows = versions.map((version, index) => {
    const before = versions[index + 1]
    const figures = byVersion.get(version.id) ?? none
    return html`<tr><td class="name">v${version.number} ${version.id === one.versionId ? badge('good', 'live') : nothing}<span class="under">${when(version.createdAt, visit.now)}</span></td>
      <td><a href="${path}/builds/${version.build.number}">build ${version.build.number}</a> <code>${shortSha(version.build.sha)}</code><span class="under one-line">${version.build.message.split('\n')[0]}</span></td>
      <td class="wide">${version.build.author}</td>
      <td class="wide">${before ? changes(version, before) : html`<span class="soft">first</span>`}</td>
      <td class="number">${number(figures.executions)}</td><td class="number ${figures.failed > 0 ? 'is-bad' : ''}">${percent(figures.failed, figures.failed + figures.succeeded)}</td>
      <td class="number wide">${duration(figures.p50Ms)}</td><td class="number">${duration(figures.p95Ms)}</td>
      <td class="act">${one.version !== null && version.number < one.version ? html`<a href="${path}/do/rollback?function=${segment(one.name)}&amp;to=${version.number}" aria-label="Roll back to v${version.number}">Roll back</a>` : nothing}</td></tr>`
  })
  return section(
    'Versions',
    html`<span class="soft">figures of the ${windowWords}</span>`,
    table(
      'Versions',
      [
        'Version',
        'Build',
        { name: 'Who', wide: true },
        { name: 'Changed', wide: true },
        { name: 'Executions', number: true },
        { name: 'Failed', number: true },
        { name: 'p50', number: true, wide: true },
        { name: 'p95', number: true },
        '',
      ],
      rows,
    ),
  )
}

function changes(version: ShownVersion, before: ShownVersion): Html {
  const changed = differences(describe(before.options), describe(version.options))
  const code = version.bundleDigest === before.bundleDigest ? nothing : html`code`
  if (changed.length === 0) return code
  return html`${code}<span class="under diff">${changed.map(
    ({ name, before: was, after }) => html`${name} <del>${was}</del> → <ins>${after}</ins><br>`,
  )}</span>`
}
