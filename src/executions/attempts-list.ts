// The attempts of an execution as lists show them: those its row keeps, and the one under way. Pure. They are a few, so filters
// and pages are taken here and not in SQL.
import { createHash } from 'node:crypto'
import type { EndedAttempt } from '../db/schema.ts'
import type { Page, PageRequest } from './list-store.ts'
import type { Execution } from './store.ts'

export type AttemptState = EndedAttempt['state'] | 'running' | 'aborting'

export interface Attempt extends Omit<Execution, 'state' | 'sequence'> {
  number: number
  state: AttemptState
  errorCode: EndedAttempt['code']
}

export interface WithAttempts extends Execution {
  attempt: number
  attempts: EndedAttempt[]
  attemptStartedAt: Date | null
}

/** Oldest first. */
export function attemptsOf({ attempts, attempt, attemptStartedAt, ...execution }: WithAttempts): Attempt[] {
  const { sequence: _, ...base } = execution
  const ended = attempts.map(one => ({
    ...base,
    id: attemptId(base.id, one.number),
    number: one.number,
    state: one.state,
    errorCode: one.code,
    createdAt: new Date(one.startedAt),
    updatedAt: new Date(one.finishedAt),
  }))
  if (attemptStartedAt === null) return ended
  const underWay: Attempt = {
    ...base,
    id: attemptId(base.id, attempt),
    number: attempt,
    state: execution.state === 'aborting' ? 'aborting' : 'running',
    errorCode: null,
    createdAt: attemptStartedAt,
    updatedAt: attemptStartedAt,
  }
  return [...ended, underWay]
}

/** The same at every look, and of no other attempt. */
function attemptId(executionId: string, number: number): string {
  const hex = createHash('sha256').update(`${executionId}/${number}`).digest('hex')
  // Version 8 of RFC 9562: a UUID of one's own making.
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-')
}

export interface AttemptFilters {
  /** Words of AttemptState; one that no attempt can have matches none. */
  states: readonly string[]
  errorCodes: readonly string[]
}

/** A page of them, newest first. */
export function pageOf(
  attempts: readonly Attempt[],
  request: PageRequest,
  filters: AttemptFilters,
): Page<Attempt> {
  const { size, fromEnd, after, before } = request
  const newestFirst = attempts
    .filter(one => isAmong(one.state, filters.states) && isAmong(one.errorCode, filters.errorCodes))
    .filter(one => (after === null || one.number < after) && (before === null || one.number > before))
    .toSorted((one, other) => other.number - one.number)
  const more = newestFirst.length > size
  return fromEnd
    ? { items: newestFirst.slice(-size), hasNext: before !== null, hasPrevious: more }
    : { items: newestFirst.slice(0, size), hasNext: more, hasPrevious: after !== null }
}

/** No words, no filter. */
function isAmong(value: string | null, words: readonly string[]): boolean {
  return words.length === 0 || (value !== null && words.includes(value))
}
