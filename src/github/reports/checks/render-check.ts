// What the check run of a build says. Pure: a view in, the desired state out.
import type { Annotation } from '../../../builds/failure.ts'
import type { FailureCode } from '../../../builds/failure-codes.ts'
import { oneLine, printable } from '../../../builds/plain-text.ts'
import { type BuildView, branchOf, fateOf, headline, shortSha } from '../../../builds/views/view.ts'
import { seconds, stageWord, unchangedWords } from '../../../builds/views/view-words.ts'
import { codeSpan, fence, prose, truncate } from '../markdown.ts'
import { failureText, functionTable, howItWent, notices } from '../render-functions.ts'
import { buttonsOf } from './buttons.ts'

export type Conclusion = 'success' | 'failure' | 'neutral' | 'cancelled' | 'skipped' | 'timed_out'

export interface CheckState {
  name: string
  status: 'queued' | 'in_progress' | 'completed'
  conclusion: Conclusion | null
  startedAt: Date | null
  completedAt: Date | null
  title: string
  summary: string
  text: string | null
  annotations: CheckAnnotation[]
  actions: CheckAction[]
}

/** A button. GitHub shows three at most, on a completed run; these lengths are its limits. */
export interface CheckAction {
  /** 20 characters. */
  label: string
  /** 40. */
  description: string
  /** 20. */
  identifier: string
}

export interface CheckAnnotation {
  path: string
  start_line: number
  end_line: number
  annotation_level: 'failure' | 'warning'
  message: string
  title?: string
}

/** Bytes, of summary and of text. */
const maxBytes = 65_535
const maxTitle = 200
const maxAnnotations = 500

export function renderCheck(view: BuildView): CheckState {
  const conclusion = concludes(view)
  return {
    name: checkName(view.environment.name),
    status: conclusion ? 'completed' : view.state === 'queued' ? 'queued' : 'in_progress',
    conclusion,
    startedAt: view.startedAt,
    completedAt: conclusion ? view.finishedAt : null,
    title: oneLine(headline(view), maxTitle),
    summary: truncate(summary(view), maxBytes),
    text: view.log.length > 0 ? logText(view) : null,
    annotations: (view.failure?.annotations ?? []).slice(0, maxAnnotations).map(toAnnotation),
    actions: conclusion ? buttonsOf(view) : [],
  }
}

export function checkName(environment: string): string {
  return `Sluice / ${environment}`
}

/** It is not the code that failed: time was over, or nobody came. */
const timedOut: ReadonlySet<FailureCode> = new Set(['out_of_time', 'builder_absent'])

/** Null: it goes on. A required check must always end, and only a failing build may block a merge. */
function concludes(view: BuildView): Conclusion | null {
  switch (fateOf(view)) {
    case 'queued':
    case 'building':
      return null
    case 'failed':
      return view.failure && timedOut.has(view.failure.code) ? 'timed_out' : 'failure'
    case 'cancelled':
      return 'cancelled'
    case 'unchanged':
      return 'skipped'
    case 'superseded':
      return 'neutral'
    case 'closed':
      return view.release ? 'success' : 'skipped'
    default:
      return 'success'
  }
}

function summary(view: BuildView): string {
  const { environment, sha, ref } = view
  const about = `${codeSpan(shortSha(sha))} of ${codeSpan(branchOf(ref))} for ${codeSpan(environment.name)}`
  const shownAnnotations = Math.min(maxAnnotations, view.failure?.annotations.length ?? 0)
  const more = (view.failure?.annotations.length ?? 0) - shownAnnotations
  return [
    `Build ${view.number}: ${about}.`,
    unchangedText(view),
    refusedText(view),
    failureText(view),
    more > 0 ? `${more} more problems are not shown as annotations.` : null,
    functionTable(view),
    howItWent(view),
    ...notices(view),
  ]
    .filter(part => part !== null)
    .join('\n\n')
}

function unchangedText(view: BuildView): string | null {
  const words = unchangedWords(view)
  return words && `${prose(words)}. To build it all the same, re-run this check.`
}

/** Where a button stands its answer is looked for. */
function refusedText({ refused }: BuildView): string | null {
  return refused && `**${codeSpan(refused.line)} by ${codeSpan(refused.actor)}**: ${refused.reply}`
}

/** The end of the log matters most: lines are left out at its beginning. */
function logText({ log, startedAt }: BuildView): string {
  const heading = '**The end of the build log**\n\n'
  const room = maxBytes - Buffer.byteLength(heading) - 200
  const kept: string[] = []
  let used = 0
  for (const { stage, at, line } of log.toReversed()) {
    const elapsed = startedAt ? seconds(at.getTime() - startedAt.getTime()) : ''
    const clean = `${stageWord(stage).padEnd(8)} ${elapsed.padStart(7)}  ${printable(line).slice(0, 2_000).toWellFormed()}`
    used += Buffer.byteLength(clean) + 1
    if (used > room) break
    kept.unshift(clean)
  }
  return truncate(heading + fence(kept.join('\n'), 'text'), maxBytes)
}

function toAnnotation({ path, startLine, endLine, level, message, title }: Annotation): CheckAnnotation {
  return {
    path,
    start_line: Math.max(1, startLine),
    end_line: Math.max(1, startLine, endLine),
    annotation_level: level,
    message: printable(message).slice(0, 10_000).toWellFormed() || 'The build failed here.',
    ...(title ? { title: oneLine(title, 200) } : {}),
  }
}
