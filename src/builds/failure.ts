// Why a build failed, as data: what the author of the code has to change. Kept in builds.failure and shown in the check,
// the comment and Slack. Failures of the world (network, database) are thrown instead, and the build is tried again.
import type { FailureCode } from './failure-codes.ts'
import type { Stage } from './states.ts'

export interface Annotation {
  /** Of a file, relative to the repository's root. */
  path: string
  startLine: number
  endLine: number
  level: 'failure' | 'warning'
  message: string
  title?: string
}

export interface Failure {
  /** Stable: people search for it, reports and tests compare it. */
  code: FailureCode
  /** What happened, to which file, and what to do next. */
  message: string
  annotations: Annotation[]
  /** The one it failed in; written down with it. */
  stage?: Stage
}

/** What a step of the pipeline resolves to when it cannot go on because of the code it was given. */
export interface Failed {
  failure: Failure
}

export function failed(code: FailureCode, message: string, annotations: Annotation[] = []): Failed {
  return { failure: { code, message: storable(message), annotations } }
}

export function annotate(path: string, line: number, message: string): Annotation {
  return { path, startLine: line, endLine: line, level: 'failure', message: storable(message) }
}

const maxMessage = 8_000

/** Messages quote strangers; jsonb takes no NUL, and nobody reads a novel. */
function storable(message: string): string {
  const text = message.replaceAll('\0', '').toWellFormed()
  return text.length > maxMessage ? `${text.slice(0, maxMessage).toWellFormed()}…` : text
}

/** GitHub takes 50 annotations in one call; whoever has more mistakes sees these first. */
export const maxAnnotations = 50
