// The filters of the list of executions, as its address says them; and as they are said again. Pure.
import { errorCodes, executedBys, executionStates } from '../../db/schema/columns.ts'
import type { Filters } from '../../executions/list-store.ts'
import type { State } from '../../executions/states.ts'

export interface Filled {
  states: State[]
  functions: string[]
  codes: string[]
  by: string
  /** As written: key=value, more of them with a comma. */
  metadata: string
  from: string
  to: string
}

type Query = Record<string, unknown>

function words(query: Query, name: string): string[] {
  const value = query[name]
  const all = Array.isArray(value) ? value : [value]
  return all
    .filter(one => typeof one === 'string' && one !== '')
    .map(one => String(one).slice(0, 1_000))
    .slice(0, 100)
}

export function readFilled(query: Query): Filled {
  const one = (name: string) => words(query, name)[0] ?? ''
  return {
    states: executionStates.filter(state => words(query, 'state').includes(state)),
    functions: words(query, 'function'),
    codes: errorCodes.filter(code => words(query, 'code').includes(code)),
    by: executedBys.find(by => by === one('by')) ?? '',
    metadata: one('metadata').slice(0, 600),
    from: dateOf(one('from')) ? one('from') : '',
    to: dateOf(one('to')) ? one('to') : '',
  }
}

export function writeFilled({ states, functions, codes, by, metadata, from, to }: Filled): URLSearchParams {
  const query = new URLSearchParams()
  for (const state of states) query.append('state', state)
  for (const name of functions) query.append('function', name)
  for (const code of codes) query.append('code', code)
  for (const [name, value] of Object.entries({ by, metadata, from, to }))
    if (value !== '') query.set(name, value)
  return query
}

/** A date alone, or with a time; in UTC unless it says otherwise. */
function dateOf(text: string): Date | null {
  if (!/^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/.test(text)) return null
  const date = new Date(text.includes('T') && !/(Z|[+-]\d\d:\d\d)$/.test(text) ? `${text}Z` : text)
  return Number.isNaN(date.getTime()) ? null : date
}

function pairs(metadata: string): Filters['metadata'] {
  const said = metadata.split(',').flatMap(pair => {
    const [key = '', ...value] = pair.split('=')
    return key.trim() === '' || value.length === 0 ? [] : [{ key: key.trim(), value: value.join('=').trim() }]
  })
  return [...Map.groupBy(said, one => one.key)].map(([key, some]) => ({
    key,
    values: some.map(one => one.value),
  }))
}

/** `idsOf`: functions of the environment by name; a name that is none matches nothing. */
export function toFilters(filled: Filled, idsOf: ReadonlyMap<string, readonly string[]>): Filters {
  const functionIds = filled.functions.flatMap(name => idsOf.get(name) ?? [])
  const unknown = filled.functions.length > 0 && functionIds.length === 0
  const [from, to] = [dateOf(filled.from), dateOf(filled.to)]
  return {
    states: filled.states,
    errorCodes: filled.codes,
    functionIds: unknown ? ['00000000-0000-0000-0000-000000000000'] : functionIds,
    scheduledAt: from || to ? { from, to } : null,
    startedAt: null,
    executedBy: filled.by === '' ? null : filled.by,
    metadata: pairs(filled.metadata),
  }
}
