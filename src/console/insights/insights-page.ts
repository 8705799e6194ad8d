// An environment's functions: how they are, how often they run, how often they fail, how long they take. Pure.
import { environmentPath, type InEnvironment, segment } from '../context.ts'
import { sparkline } from '../html/charts.ts'
import { type Html, html, nothing } from '../html/html.ts'
import { environmentPage } from '../html/layout.ts'
import { badge, empty, field, section, select, stateBadge, when } from '../html/parts.ts'
import { duration, number, percent, plural } from '../html/words.ts'
import { statesOf } from '../repositories/repositories-page.ts'
import { countBound, type ShownEnvironment } from '../repositories/repositories-store.ts'
import { type Asked, choose, type Insight, pageSize, type Sort, windows } from './insights.ts'

interface Shown {
  visit: InEnvironment
  shown: ShownEnvironment
  insights: readonly Insight[]
  asked: Asked
}

const windowWords = { '1h': 'last hour', '24h': 'last 24 hours', '7d': 'last 7 days', '30d': 'last 30 days' }

export function insightsPage({ visit, shown, insights, asked }: Shown): Html {
  const { environment } = visit
  const [archived, live] = [true, false].map(wanted =>
    insights.filter(one => (one.archivedAt !== null) === wanted),
  )
  const chosen = choose(live ?? [], asked)
  return environmentPage({
    visit,
    title: 'Functions',
    tab: 'functions',
    live: true,
    content: html`${head(visit, shown)}${overlayNotices(shown, visit.now)}
      ${insights.length === 0 ? empty(`Nothing is live in ${environment.name} yet`, html`Push a commit with functions to <code>${environment.branch}</code>; the build is then under <a href="${environmentPath(visit)}/builds">Builds</a>.`, html`A function is the default export of a file in a <code>defer/</code> or <code>functions/</code> folder.`) : html`${filters(asked)}<div id="functions" data-part>${chosen.length === 0 ? empty('No function is like that', html`Take a filter away to see more.`) : functionTable(visit, page(chosen, asked), asked)}</div>${pager(chosen.length, asked)}`}
      ${archived?.length ? html`<div id="archived" data-part>${archivedTable(visit, archived)}</div>` : nothing}`,
  })
}

function head(visit: InEnvironment, shown: ShownEnvironment): Html {
  const path = environmentPath(visit)
  const { environment } = visit
  const live = shown.live
  const act = (verb: string, label: string) => html`<a class="button" href="${path}/do/${verb}">${label}</a>`
  const own = new Set(shown.overlays.filter(one => one.functionId === null).map(one => one.kind))
  const isHeld = own.size > 0 || environment.mode !== 'normal'
  return html`<div class="head" id="head" data-part><div class="title"><h1>${environment.name}</h1>${environment.production && environment.name !== 'production' ? badge('run', 'production') : nothing}${statesOf(shown)}
    <span class="soft">${live ? html`build <a href="${path}/builds/${live.number}">#${live.number}</a> is live` : 'nothing is live'}</span></div>
    <div class="actions">${isHeld ? act('resume', 'Resume') : nothing}${own.has('pause') ? nothing : act('pause', 'Pause')}${live ? act('rollback', 'Roll back') : nothing}${environment.mode === 'normal' ? act('drain', 'Drain') : nothing}</div></div>`
}

function overlayNotices({ overlays, environment }: ShownEnvironment, now: Date): Html {
  const own = overlays.filter(one => one.functionId === null)
  const words = {
    pause: 'Paused: executions are accepted and held',
    pin: 'Pinned: pushes build but do not go live',
  }
  const notices = own.map(
    ({ kind, actor, reason, until }) =>
      html`<p class="notice">${words[kind]}. By <strong>${actor}</strong>${reason ? html`, “${reason}”` : nothing}${until ? html`, until ${when(until, now)}` : nothing}.</p>`,
  )
  const drained =
    environment.mode === 'normal'
      ? nothing
      : html`<p class="notice">${environment.mode === 'safe_to_stop' ? 'Safe to stop: nothing of it is under way anywhere.' : 'Being drained: nothing begins, what is under way comes to its end.'} Executions are accepted and held.</p>`
  return html`${notices}${drained}`
}

function filters({ state, text, window, sort, descending }: Asked): Html {
  const windowChoices = (Object.keys(windows) as (keyof typeof windows)[]).map(value => ({
    value,
    label: windowWords[value],
  }))
  return html`<form class="filters" method="get" role="search" aria-label="Functions"><div class="grow">${field({ name: 'q', label: 'Name', value: text })}</div>${select(
    'state',
    'Show',
    [
      { value: 'all', label: 'all' },
      { value: 'failing', label: 'failing' },
      { value: 'paused', label: 'paused' },
      { value: 'waiting', label: 'with executions waiting' },
      { value: 'cron', label: 'with a schedule' },
      { value: 'deletion', label: 'to be deleted' },
    ],
    state,
  )}${select('window', 'Figures of the', windowChoices, window)}<input type="hidden" name="sort" value="${sort}"><input type="hidden" name="order" value="${descending ? 'down' : 'up'}"><button>Show</button></form>`
}

function query(asked: Asked, change: Partial<Asked>): string {
  const { sort, descending, state, text, window, page } = { ...asked, ...change }
  return `?${new URLSearchParams({ q: text, state, window, sort, order: descending ? 'down' : 'up', page: String(page) })}`
}

function heading(asked: Asked, sort: Sort, label: string, isNumber: boolean, wide = false): Html {
  const now = asked.sort === sort
  const descending = now ? !asked.descending : sort !== 'name'
  const arrow = now ? (asked.descending ? ' ↓' : ' ↑') : ''
  const classes = [isNumber && 'number', wide && 'wide'].filter(Boolean).join(' ')
  return html`<th scope="col" class="${classes}" ${now ? html`aria-sort="${asked.descending ? 'descending' : 'ascending'}"` : nothing}><a href="${query(asked, { sort, descending, page: 1 })}" class="${now ? 'sorted' : ''}">${label}${arrow}</a></th>`
}

function functionTable(visit: InEnvironment, shown: readonly Insight[], asked: Asked): Html {
  return html`<div class="sheet" tabindex="0" role="region" aria-label="Functions"><table><thead><tr>
    ${heading(asked, 'name', 'Function', false)}<th scope="col">State</th>${heading(asked, 'executions', 'Executions', true)}<th scope="col" class="wide">${windowWords[asked.window]}</th>${heading(asked, 'failures', 'Failed', true)}${heading(asked, 'mean', 'Mean', true, true)}${heading(asked, 'p50', 'p50', true, true)}${heading(asked, 'p95', 'p95', true)}${heading(asked, 'waiting', 'Waiting', true)}<th scope="col"><span class="unseen">Actions</span></th></tr></thead>
    <tbody>${shown.map(one => row(visit, one))}</tbody></table></div>`
}

function row(visit: InEnvironment, one: Insight): Html {
  const path = environmentPath(visit)
  const { summary } = one
  const about = [
    one.cron ? `cron ${cronText(one.cron)}` : '',
    one.concurrency ? `${one.concurrency} at once` : '',
  ].filter(Boolean)
  const waiting = one.queued >= countBound ? `${number(countBound)}+` : number(one.queued)
  return html`<tr>
    <td class="name"><a href="${path}/functions/${segment(one.name)}">${one.name}</a><span class="under">${one.version === null ? 'no version' : `v${one.version}`}${about.map(text => ` · ${text}`)}</span></td>
    <td>${holdingBadge(one, visit.now)}</td>
    <td class="number">${number(summary.executions)}${one.running > 0 ? html`<span class="under">${number(one.running)} running</span>` : nothing}</td>
    <td class="wide">${sparkline(one.bars)}</td>
    <td class="number ${summary.failed > 0 ? 'is-bad' : ''}">${summary.failed > 0 ? html`<a class="is-bad" href="${path}/executions?state=failed&amp;function=${segment(one.name)}" aria-label="${percent(summary.failed, summary.failed + summary.succeeded)}: ${plural(summary.failed, 'failed execution')} of ${one.name}">${percent(summary.failed, summary.failed + summary.succeeded)}</a>` : percent(summary.failed, summary.failed + summary.succeeded)}</td>
    <td class="number wide">${duration(summary.meanMs)}</td><td class="number wide">${duration(summary.p50Ms)}</td><td class="number">${duration(summary.p95Ms)}</td>
    <td class="number">${one.queued === 0 ? html`<span class="soft">0</span>` : waiting}</td>
    <td class="act">${actions(path, one)}</td></tr>`
}

export function holdingBadge(
  one: Pick<Insight, 'state' | 'paused' | 'deletion' | 'archivedAt'>,
  now: Date,
): Html {
  if (one.deletion)
    return html`${stateBadge('pending_deletion')}<span class="under">${when(one.deletion.executeAt, now)}</span>`
  if (one.paused)
    return html`${stateBadge('paused', `by ${one.paused.actor}`)}<span class="under one-line">${one.paused.reason ?? `by ${one.paused.actor}`}${one.paused.until ? html` · until ${when(one.paused.until, now)}` : nothing}</span>`
  return one.archivedAt ? stateBadge('archived') : stateBadge(one.state)
}

/** Links to the questions: what changes something is never done by following a link. */
function actions(path: string, one: Insight): Html {
  const act = (verb: string, label: string, danger = false) =>
    html`<a class="${danger ? 'danger' : ''}" href="${path}/do/${verb}?function=${segment(one.name)}" aria-label="${label} ${one.name}">${label}</a>`
  if (one.deletion) return act('cancel-deletion', 'Keep')
  if (one.archivedAt) return html`${act('restore', 'Restore')}${act('delete', 'Delete', true)}`
  return html`${one.paused ? act('resume', 'Resume') : act('pause', 'Pause')}${act('archive', 'Archive')}`
}

export function cronText(cron: unknown): string {
  if (typeof cron === 'string') return cron
  const settings = cron as { schedule?: string; timezone?: string } | null
  return `${settings?.schedule ?? ''}${settings?.timezone && settings.timezone !== 'UTC' ? ` ${settings.timezone}` : ''}`
}

function archivedTable(visit: InEnvironment, archived: readonly Insight[]): Html {
  const path = environmentPath(visit)
  const because: Record<string, string> = { removed_from_code: 'no longer in the code', by_hand: 'by hand' }
  const rows = archived.map(
    one =>
      html`<tr><td class="name"><a href="${path}/functions/${segment(one.name)}">${one.name}</a></td><td>${holdingBadge(one, visit.now)}</td><td>${because[one.archivedBecause ?? ''] ?? ''}</td><td>${when(one.archivedAt, visit.now)}</td><td class="number ${one.queued > 0 ? 'is-bad' : ''}">${number(one.queued)}</td><td class="act">${actions(path, one)}</td></tr>`,
  )
  return section(
    'Archived',
    html`<span class="soft">They accept executions and hold them until the function is back.</span>`,
    html`<div class="sheet" tabindex="0" role="region" aria-label="Archived functions"><table><thead><tr><th scope="col">Function</th><th scope="col">State</th><th scope="col">Why</th><th scope="col">Since</th><th scope="col" class="number">Held</th><th scope="col"><span class="unseen">Actions</span></th></tr></thead><tbody>${rows}</tbody></table></div>`,
  )
}

const page = (all: readonly Insight[], { page: number }: Asked) =>
  all.slice((number - 1) * pageSize, number * pageSize)

function pager(all: number, asked: Asked): Html {
  const pages = Math.ceil(all / pageSize)
  if (pages < 2) return nothing
  const link = (to: number, label: string) =>
    html`<a class="button" href="${query(asked, { page: to })}">${label}</a>`
  return html`<nav class="pager" aria-label="Pages">${asked.page > 1 ? link(asked.page - 1, 'Back') : nothing}<span class="soft">${asked.page} of ${pages}</span>${asked.page < pages ? link(asked.page + 1, 'Further') : nothing}</nav>`
}
