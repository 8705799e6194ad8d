// The pieces pages are put together from: times, badges, tables' heads, empty states, fields. Pure.
import { type Html, html, nothing, type Value } from './html.ts'
import { fromNow, utc } from './words.ts'

/** Relative to read, absolute on hover; the script says both in the reader's zone. */
export function when(date: Date | null, now: Date): Html {
  if (!date) return html`<span class="soft">–</span>`
  return html`<time datetime="${date.toISOString()}" title="${utc(date)}">${fromNow(date, now)}</time>`
}

export type Tone = 'good' | 'bad' | 'warn' | 'run' | 'idle'

export function badge(tone: Tone, words: Value, title?: string): Html {
  return html`<span class="badge ${tone}" ${title === undefined ? nothing : html`title="${title}"`}>${words}</span>`
}

const tones: Record<string, Tone> = {
  succeeded: 'good',
  active: 'good',
  live: 'good',
  normal: 'good',
  failed: 'bad',
  lost: 'bad',
  queued: 'idle',
  running: 'run',
  aborting: 'warn',
  aborted: 'warn',
  interrupted: 'warn',
  cancelled: 'idle',
  discarded: 'idle',
  superseded: 'idle',
  unchanged: 'idle',
  replaced: 'idle',
  paused: 'warn',
  pinned: 'warn',
  archived: 'idle',
  pending_deletion: 'bad',
  preparing_for_stop: 'warn',
  safe_to_stop: 'warn',
  init: 'idle',
  building: 'run',
}

export function stateBadge(state: string, title?: string): Html {
  return badge(tones[state] ?? 'run', state.replaceAll('_', ' '), title)
}

export function empty(title: string, ...lessons: Html[]): Html {
  return html`<div class="empty"><h2>${title}</h2>${lessons.map(one => html`<p>${one}</p>`)}</div>`
}

/** A list of terms with what they are; those without a value are left out. */
export function facts(...rows: [string, Value][]): Html {
  const said = rows.filter(([, value]) => value !== null && value !== undefined && value !== '')
  return html`<dl class="facts">${said.map(([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>`)}</dl>`
}

export interface Column {
  name: string
  /** Numbers stand right. */
  number?: boolean
  /** Left out where the screen is narrow. */
  wide?: boolean
}

export function table(label: string, columns: readonly (Column | string)[], rows: readonly Html[]): Html {
  const heads = columns.map(column => {
    const { name, number, wide } = typeof column === 'string' ? ({ name: column } as Column) : column
    const classes = [number && 'number', wide && 'wide'].filter(Boolean).join(' ')
    return html`<th scope="col" class="${classes}">${name === '' ? html`<span class="unseen">Actions</span>` : name}</th>`
  })
  return html`<div class="sheet" tabindex="0" role="region" aria-label="${label}"><table><thead><tr>${heads}</tr></thead><tbody>${rows}</tbody></table></div>`
}

export function section(title: string, aside: Value, ...content: Value[]): Html {
  return html`<section><header class="section"><h2>${title}</h2>${aside}</header>${content}</section>`
}

export interface Field {
  name: string
  label: string
  value?: string
  hint?: Value
  type?: 'text' | 'textarea' | 'password'
  required?: boolean
  placeholder?: string
}

export function field({
  name,
  label,
  value = '',
  hint,
  type = 'text',
  required,
  placeholder = '',
}: Field): Html {
  const about = hint ? html`aria-describedby="${name}-hint"` : nothing
  const must = required ? html`required` : nothing
  const input =
    type === 'textarea'
      ? html`<textarea id="${name}" name="${name}" rows="4" spellcheck="false" ${must} ${about} placeholder="${placeholder}">${value}</textarea>`
      : html`<input id="${name}" name="${name}" type="${type}" value="${value}" autocomplete="off" ${must} ${about} placeholder="${placeholder}">`
  return html`<div class="field"><label for="${name}">${label}</label>${input}${hint ? html`<p class="hint" id="${name}-hint">${hint}</p>` : nothing}</div>`
}

/** The same box with and without lines: what is said while it is open goes into it. */
export function logBox(lines: Html): Html {
  return html`<div class="log" id="log" data-part tabindex="0" role="log" aria-label="Log">${lines}</div>`
}

export interface Choice {
  value: string
  label: string
}

export function select(name: string, label: string, choices: readonly Choice[], chosen = ''): Html {
  const options = choices.map(
    ({ value, label: words }) =>
      html`<option value="${value}" ${value === chosen ? html`selected` : nothing}>${words}</option>`,
  )
  return html`<div class="field"><label for="${name}">${label}</label><select id="${name}" name="${name}">${options}</select></div>`
}
