// What a check suite's runs add up to: the newest run of each name counts, the worst conclusion wins. Pure.
import type { CheckRun, CheckSuite, Repository } from './state.ts'

export type SuiteResult = { status: 'queued' | 'in_progress' | 'completed'; conclusion: string | null }

const worstFirst = [
  'action_required',
  'timed_out',
  'cancelled',
  'failure',
  'stale',
  'success',
  'neutral',
  'skipped',
]

/** The newest run of each name and App, in the order the names first appeared. */
export function latestRuns(runs: CheckRun[]): CheckRun[] {
  const latest = new Map<string, CheckRun>()
  for (const run of runs) latest.set(`${run.app} ${run.name}`, run)
  return [...latest.values()]
}

export function suiteResult(repository: Pick<Repository, 'checkRuns'>, suite: CheckSuite): SuiteResult {
  const counting = repository.checkRuns.filter(run => run.suite === suite.id && run.id > suite.resetAt)
  const runs = latestRuns(counting)
  if (runs.length === 0 || runs.every(run => run.status === 'queued'))
    return { status: 'queued', conclusion: null }
  if (runs.some(run => run.status !== 'completed')) return { status: 'in_progress', conclusion: null }
  const conclusion = worstFirst.find(candidate => runs.some(run => run.conclusion === candidate)) ?? 'neutral'
  // Suites know no "skipped".
  return { status: 'completed', conclusion: conclusion === 'skipped' ? 'neutral' : conclusion }
}

export const isGreen = (run: CheckRun) =>
  run.status === 'completed' && ['success', 'neutral', 'skipped'].includes(run.conclusion ?? '')
