// How long changed functions take, beside the base: a table in the comment of a pull request. Pure.
import type { Durations, Timing } from '../../../builds/views/durations.ts'
import { codeSpan, table } from '../markdown.ts'

export function durationsTable({ base, functions }: Durations): string {
  const there = codeSpan(base)
  const headings = ['Changed function', 'Runs here', 'Mean', 'p95', `Runs in ${there}`, 'Mean', 'p95']
  return table(
    headings,
    functions.map(({ name, own, base }) => [codeSpan(name), ...cellsOf(own), ...cellsOf(base)]),
  )
}

function cellsOf(timing: Timing | null): string[] {
  return timing ? [String(timing.runs), took(timing.meanMs), took(timing.p95Ms)] : ['0', '', '']
}

/** 0.4 ms, 12 ms, 1.3 s, 42 s, 2 min 5 s: as many digits as say something. */
export function took(ms: number): string {
  if (ms < 10) return `${ms.toFixed(1)} ms`
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 10_000) return `${(ms / 1_000).toFixed(1)} s`
  const seconds = Math.round(ms / 1_000)
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}
