// The results for a terminal: every kind of push with its median time by stage, and what else is to be said of it.
import type { Measured } from './records.ts'
import { median } from './result.ts'

export interface Row {
  name: string
  pushes: Measured[]
  more: string[]
}

/** `more`: heads of the last columns. */
export function stageTable(rows: Row[], more: string[]): string {
  const stages = [
    ...new Set(rows.flatMap(({ pushes }) => pushes.flatMap(one => one.stages.map(({ stage }) => stage)))),
  ]
  const head = ['push', ...stages, 'total', ...more]
  const cells = rows.map(row => [
    row.name,
    ...stages.map(stage => cell(row.pushes, stage)),
    inMs(median(row.pushes.map(one => one.totalMs))),
    ...row.more,
  ])
  return columns([head, ...cells])
}

function cell(all: Measured[], stage: string): string {
  const values = all.flatMap(one => {
    const found = one.stages.filter(each => each.stage === stage)
    return found.length > 0 ? [found.reduce((sum, each) => sum + each.ms, 0)] : []
  })
  return values.length > 0 ? inMs(median(values)) : ''
}

export function inMs(value: number): string {
  return `${Math.round(value)} ms`
}

export function columns(rows: string[][]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map(row => (row[column] ?? '').length)))
  return rows.map(row => row.map((text, column) => text.padStart(widths[column] ?? 0)).join('  ')).join('\n')
}
