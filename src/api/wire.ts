// Defer's words for our states, and executions as its clients read them (DEFER.md section 3). Pure.
import type { Attempt, AttemptState } from '../executions/attempts-list.ts'
import type { Page } from '../executions/list-store.ts'
import type { State } from '../executions/states.ts'
import type { Execution } from '../executions/store.ts'
import type { Cursors } from './cursor.ts'

export const wireStates = {
  queued: 'created',
  running: 'started',
  succeeded: 'succeed',
  failed: 'failed',
  cancelled: 'cancelled',
  aborting: 'aborting',
  aborted: 'aborted',
  discarded: 'discarded',
} as const satisfies Record<State, string>
export type WireState = (typeof wireStates)[State]

/** The clients know no interrupted or lost attempts: what we ended shows as aborted, what vanished as failed. */
export const attemptStates = {
  running: 'started',
  aborting: 'aborting',
  succeeded: 'succeed',
  failed: 'failed',
  lost: 'failed',
  aborted: 'aborted',
  interrupted: 'aborted',
} as const satisfies Record<AttemptState, WireState>

function matching<W extends string>(table: Record<W, string>, wire: readonly string[]): W[] {
  const ours = Object.keys(table) as W[] // the keys of a table of ours
  return ours.filter(word => wire.includes(table[word]))
}

export const statesOf = (wire: readonly WireState[]): State[] => matching(wireStates, wire)

/** For a filter; a state that no attempt has stays itself, and matches none. */
export function attemptStatesOf(wire: readonly WireState[]): string[] {
  const ours = matching(attemptStates, wire)
  return wire.length > 0 && ours.length === 0 ? [...wire] : ours
}

export interface WireExecution {
  id: string
  state: WireState
  function_name: string
  function_id: string
  schedule_for: string
  scheduled_at: string
  created_at: string
  updated_at: string
}

export function toWire(execution: Execution): WireExecution {
  return describe(execution, wireStates[execution.state])
}

export function attemptToWire(attempt: Attempt): WireExecution {
  return describe(attempt, attemptStates[attempt.state])
}

function describe(one: Omit<Execution, 'state' | 'sequence'>, state: WireState): WireExecution {
  return {
    id: one.id,
    state,
    function_name: one.functionName,
    function_id: one.functionId,
    schedule_for: one.scheduleFor.toISOString(),
    scheduled_at: one.scheduleFor.toISOString(),
    created_at: one.createdAt.toISOString(),
    updated_at: one.updatedAt.toISOString(),
  }
}

export function pageToWire<T>(
  page: Page<T>,
  cursors: Cursors,
  positionOf: (item: T) => number,
  itemToWire: (item: T) => WireExecution,
) {
  const cursorOf = (item: T | undefined) => (item === undefined ? null : cursors.write(positionOf(item)))
  return {
    page_info: {
      has_next_page: page.hasNext,
      has_prev_page: page.hasPrevious,
      start_cursor: cursorOf(page.items[0]),
      end_cursor: cursorOf(page.items.at(-1)),
    },
    data: page.items.map(itemToWire),
  }
}
