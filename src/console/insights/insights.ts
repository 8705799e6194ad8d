// What the table of functions shows: filtered, sorted, cut into pages. Pure.
import type { Bar } from '../html/charts.ts'
import type { Summary } from '../rollups/summary.ts'
import type { ShownFunction } from './insights-store.ts'

export interface Insight extends ShownFunction {
  summary: Summary
  bars: readonly Bar[]
}

export const sorts = ['name', 'executions', 'failures', 'mean', 'p50', 'p95', 'waiting'] as const
export type Sort = (typeof sorts)[number]
export const states = ['all', 'failing', 'paused', 'waiting', 'cron', 'deletion'] as const
export type StateFilter = (typeof states)[number]
export const windows = { '1h': 1, '24h': 24, '7d': 168, '30d': 720 } as const
export type Window = keyof typeof windows

export interface Asked {
  sort: Sort
  descending: boolean
  state: StateFilter
  text: string
  window: Window
  page: number
}

export const pageSize = 100

export function readAsked(query: Record<string, unknown>): Asked {
  const text = (name: string) => (typeof query[name] === 'string' ? query[name] : '')
  const sort = sorts.find(one => one === text('sort')) ?? 'name'
  const order = text('order')
  return {
    sort,
    descending: order === '' ? sort !== 'name' : order === 'down',
    state: states.find(one => one === text('state')) ?? 'all',
    text: text('q').slice(0, 200),
    window: (Object.keys(windows) as Window[]).find(one => one === text('window')) ?? '24h',
    page: Math.max(1, Math.min(10_000, Number.parseInt(text('page'), 10) || 1)),
  }
}

const isIn: Record<StateFilter, (one: Insight) => boolean> = {
  all: () => true,
  failing: one => one.summary.failed > 0,
  paused: one => one.paused !== null,
  waiting: one => one.queued > 0,
  cron: one => Boolean(one.cron),
  deletion: one => one.deletion !== null,
}

export function failureRate({ failed, succeeded }: Summary): number {
  return failed + succeeded === 0 ? -1 : failed / (failed + succeeded)
}

const figureOf: Record<Exclude<Sort, 'name'>, (one: Insight) => number> = {
  executions: one => one.summary.executions,
  failures: one => failureRate(one.summary),
  mean: one => one.summary.meanMs ?? -1,
  p50: one => one.summary.p50Ms ?? -1,
  p95: one => one.summary.p95Ms ?? -1,
  waiting: one => one.queued,
}

export function choose(all: readonly Insight[], { sort, descending, state, text }: Asked): Insight[] {
  const wanted = text.trim().toLowerCase()
  const chosen = all.filter(one => isIn[state](one) && one.name.toLowerCase().includes(wanted))
  const byName = (a: Insight, b: Insight) => (a.name < b.name ? -1 : 1)
  const compare =
    sort === 'name'
      ? byName
      : (a: Insight, b: Insight) => figureOf[sort](a) - figureOf[sort](b) || byName(b, a)
  const sorted = chosen.toSorted(compare)
  return descending ? sorted.toReversed() : sorted
}
