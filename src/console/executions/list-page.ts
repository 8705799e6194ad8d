// The list of executions: filters, newest first, page by page, and what can be done with all that the filters let pass. Pure.
import { errorCodes, executedBys, executionStates } from '../../db/schema/columns.ts'
import type { Page } from '../../executions/list-store.ts'
import type { Execution } from '../../executions/store.ts'
import { environmentPath, type InEnvironment, segment } from '../context.ts'
import { type Html, html, nothing } from '../html/html.ts'
import { environmentPage } from '../html/layout.ts'
import { empty, field, select, stateBadge, table, when } from '../html/parts.ts'
import { duration } from '../html/words.ts'
import { errorOf } from './error.ts'
import type { Details } from './executions-store.ts'
import { type Filled, writeFilled } from './filters.ts'

export interface ExecutionList {
  visit: InEnvironment
  filled: Filled
  names: readonly string[]
  page: Page<Execution>
  details: ReadonlyMap<string, Details>
  cursorOf(execution: Execution): string
}

export function executionsPage(list: ExecutionList): Html {
  const { visit, filled, page, names } = list
  const path = `${environmentPath(visit)}/executions`
  const isFiltered = [...writeFilled(filled)].length > 0
  return environmentPage({
    visit,
    title: 'Executions',
    tab: 'executions',
    live: true,
    content: html`<div class="head"><h1>Executions</h1>${bulk(path, filled)}</div>${chips(path, filled)}${filters(filled, names)}
      <div id="executions" data-part>${page.items.length === 0 ? none(isFiltered) : rows(list)}</div>${pager(path, list)}`,
  })
}

function none(isFiltered: boolean): Html {
  return isFiltered
    ? empty(
        'No execution is like that',
        html`Take a filter away to see more. Finished ones are kept as long as <code>SLUICE_HISTORY</code> says.`,
      )
    : empty(
        'Nothing has run here yet',
        html`Give the application <code>DEFER_ENDPOINT</code> and a <code>DEFER_TOKEN</code> (under <em>Variables &amp; keys</em>) and call a function; or open a function here and run it.`,
      )
}

function chips(path: string, filled: Filled): Html {
  const choices: [string, Filled['states']][] = [
    ['All', []],
    ['Queued', ['queued']],
    ['Running', ['running', 'aborting']],
    ['Failed', ['failed']],
    ['Succeeded', ['succeeded']],
    ['Cancelled', ['cancelled', 'aborted', 'discarded']],
  ]
  return html`<ul class="chips">${choices.map(([label, states]) => {
    const query = writeFilled({ ...filled, states })
    const isNow = states.join() === filled.states.join()
    return html`<li><a href="${path}?${query}" ${isNow ? html`aria-current="true"` : nothing}>${label}</a></li>`
  })}</ul>`
}

function filters(
  { functions, by, metadata, from, to, codes, states }: Filled,
  names: readonly string[],
): Html {
  const any = { value: '', label: 'any' }
  const choice = (value: string) => ({ value, label: value })
  return html`<form class="filters" method="get" role="search" aria-label="Executions">${select('function', 'Function', [any, ...names.map(choice)], functions[0] ?? '')}${select('state', 'State', [any, ...executionStates.map(choice)], states[0] ?? '')}${select('code', 'Error', [any, ...errorCodes.map(choice)], codes[0] ?? '')}${select('by', 'Called by', [any, ...executedBys.map(choice)], by)}${field({ name: 'metadata', label: 'Metadata', value: metadata, placeholder: 'customer=42' })}${field({ name: 'from', label: 'Scheduled from (UTC)', value: from, placeholder: '2026-11-22T10:00' })}${field({ name: 'to', label: 'to', value: to, placeholder: '2026-11-23' })}<button>Show</button></form>`
}

function bulk(path: string, filled: Filled): Html {
  const query = writeFilled(filled)
  return html`<div class="actions"><a class="button" href="${path}/all/rerun?${query}">Rerun all of these</a><a class="button danger" href="${path}/all/cancel?${query}">Cancel all of these</a></div>`
}

function rows({ visit, page, details }: ExecutionList): Html {
  const path = environmentPath(visit)
  return table(
    'Executions',
    [
      'Execution',
      'Function',
      'State',
      { name: 'Error', wide: true },
      { name: 'Called by', wide: true },
      { name: 'Tries', number: true, wide: true },
      { name: 'Took', number: true },
      'Scheduled',
    ],
    page.items.map(one => {
      const more = details.get(one.id)
      const error = errorOf(more?.error ?? null)
      const pairs = Object.entries(more?.metadata ?? {}).slice(0, 4)
      return html`<tr><td class="name"><a class="mono" href="${path}/executions/${one.id}">${one.id.slice(0, 8)}</a>${pairs.length > 0 ? html`<span class="under one-line">${pairs.map(([key, value]) => `${key}=${value} `)}</span>` : nothing}</td>
        <td><a href="${path}/functions/${segment(one.functionName)}">${one.functionName}</a>${more?.version ? html` <span class="soft">v${more.version}</span>` : nothing}</td>
        <td>${stateBadge(one.state)}</td><td class="wide">${error ? html`<span class="one-line">${error.name}: ${error.message}</span>` : nothing}</td>
        <td class="wide">${more?.executedBy ?? ''}</td><td class="number wide">${more?.attempt ?? 0}</td><td class="number">${duration(more?.durationMs ?? null)}</td><td>${when(one.scheduleFor, visit.now)}</td></tr>`
    }),
  )
}

function pager(path: string, { page, filled, cursorOf }: ExecutionList): Html {
  const link = (name: string, one: Execution | undefined, label: string) => {
    if (!one) return nothing
    const query = writeFilled(filled)
    query.set(name, cursorOf(one))
    return html`<a class="button" href="${path}?${query}">${label}</a>`
  }
  return html`<nav class="pager" aria-label="Pages">${page.hasPrevious ? link('before', page.items[0], 'Newer') : nothing}${page.hasNext ? link('after', page.items.at(-1), 'Older') : nothing}</nav>`
}
