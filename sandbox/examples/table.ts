// The table of what was built, for a terminal, and what is to be said of those that are not as they should be. Pure.
import type { Outcome } from './outcome.ts'
import { type StageName, stageSeconds, stages } from './stage-times.ts'

export interface Row {
  outcome: Outcome
  lockfile: string
}

const headings: Record<StageName, string> = {
  fetching: 'fetch',
  installing: 'install',
  generating: 'generate',
  compiling: 'compile',
  publishing: 'publish',
}

export function renderTable(rows: Row[]): string {
  const head = ['environment', 'lockfile', 'state', ...stages.map(stage => headings[stage]), 'functions']
  return renderColumns([head, ...rows.map(cellsOf)], new Set(stages.map((_, index) => index + 3)))
}

function cellsOf({ outcome, lockfile }: Row): string[] {
  const times = stageSeconds(outcome.marks, outcome.finishedAt)
  return [
    outcome.environment.name,
    lockfile,
    outcome.state,
    ...stages.map(stage => {
      const seconds = times[stage]?.toFixed(1) ?? ''
      return stage === 'installing' && outcome.installCached ? `${seconds} cached` : seconds
    }),
    outcome.functions.map(({ name }) => name).join(', '),
  ]
}

export function renderColumns(rows: string[][], toTheRight = new Set<number>()): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map(row => (row[column] ?? '').length)))
  return rows
    .map(row =>
      row
        .map((cell, column) =>
          toTheRight.has(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

export function renderFailures(outcomes: Outcome[]): string {
  return outcomes
    .flatMap(({ environment, failure }) =>
      failure === null ? [] : [`\n${environment.name}: ${failure.code}\n${indented(failure.message)}`],
    )
    .join('\n')
}

function indented(text: string): string {
  return text.replaceAll(/^/gm, '    ')
}
