// The results for a terminal: every push's median time by stage, and each total beside the floor.
import { median, type Result } from '../result.ts'
import type { Measured } from './records.ts'

export function printTable(
  pushes: Record<string, Measured[]>,
  floors: number[],
  results: Result[],
  say: (line: string) => void,
): void {
  const stages = [
    ...new Set(
      Object.values(pushes).flatMap(all => all.flatMap(one => one.stages.map(({ stage }) => stage))),
    ),
  ]
  const rows = Object.entries(pushes).map(([kind, all]) => [
    kind,
    ...stages.map(stage => cell(all, stage)),
    ms(median(all.map(one => one.totalMs))),
    `${results.find(result => result.name === `build ${kind}`)?.ratio ?? ''} ×`,
  ])
  const head = ['push', ...stages, 'total', 'of the floor']
  say(`\n${columns([head, ...rows])}`)
  say(`\nfloor ${ms(median(floors))} (${Math.round(Math.min(...floors))} to ${ms(Math.max(...floors))})`)
}

function cell(all: Measured[], stage: string): string {
  const values = all.flatMap(one => {
    const found = one.stages.filter(each => each.stage === stage)
    return found.length > 0 ? [found.reduce((sum, each) => sum + each.ms, 0)] : []
  })
  return values.length > 0 ? ms(median(values)) : ''
}

function ms(value: number): string {
  return `${Math.round(value)} ms`
}

function columns(rows: string[][]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map(row => (row[column] ?? '').length)))
  return rows.map(row => row.map((text, column) => text.padStart(widths[column] ?? 0)).join('  ')).join('\n')
}
