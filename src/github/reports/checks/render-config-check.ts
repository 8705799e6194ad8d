// What the check of the repository file says. Pure.

import { oneLine, printable } from '../../../builds/plain-text.ts'
import type { Problem } from '../../../environments/repository-file.ts'
import { codeSpan, truncate } from '../markdown.ts'
import type { CheckState } from './render-check.ts'

const maxBytes = 65_535
const path = '.github/sluice.yml'

/** `hasLastGood`: an earlier file is in force; otherwise the defaults are. */
export function renderConfigCheck(problems: readonly Problem[], hasLastGood: boolean): CheckState {
  const broken = problems.length > 0
  return {
    name: 'Sluice / configuration',
    status: 'completed',
    conclusion: broken ? 'failure' : 'success',
    startedAt: null,
    completedAt: null,
    title: broken ? `${path}: ${count(problems.length)}` : `${path} is in force`,
    summary: truncate(broken ? brokenSummary(problems, hasLastGood) : inForce, maxBytes),
    text: null,
    actions: [],
    annotations: problems.slice(0, 200).map(({ line, message }) => ({
      path,
      start_line: line,
      end_line: line,
      annotation_level: 'failure',
      title: 'Sluice configuration',
      message: printable(message).slice(0, 2_000).toWellFormed() || 'This is not valid.',
    })),
  }
}

const inForce = `${codeSpan(path)} of this commit decides where branches land from now on.`

function brokenSummary(problems: readonly Problem[], hasLastGood: boolean): string {
  const kept = hasLastGood ? 'The last good configuration stays in force' : 'The defaults stay in force'
  const list = problems.map(({ line, message }) => `- line ${line}: ${codeSpan(oneLine(message, 500), 500)}`)
  return [
    `${codeSpan(path)} of this commit cannot be used. ${kept} until a push puts it right.`,
    ...list,
  ].join('\n')
}

function count(problems: number): string {
  return problems === 1 ? '1 problem' : `${problems} problems`
}
