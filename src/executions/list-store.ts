// SQL of lists and counts: executions of an environment, attempts of an execution, newest first, in pages. A page is taken
// from the keyset (sequence, or attempt number), so it costs the same wherever it begins.
import { and, asc, type Column, desc, eq, gt, gte, lt, lte, type SQL, sql } from 'drizzle-orm'
import type { Db } from '../db/client.ts'
import { attempts, executions, functions } from '../db/schema.ts'
import { claimable } from './claimable.ts'
import type { State } from './states.ts'
import { type Execution, type ExecutionKey, executionColumns } from './store.ts'

/** Newest first: `after` a cursor are the older ones. `size` counts from the newest, or with `fromEnd` from the oldest. */
export interface PageRequest {
  size: number
  fromEnd: boolean
  after: number | null
  before: number | null
}

export interface Page<T> {
  items: T[]
  hasNext: boolean
  hasPrevious: boolean
}

export interface Interval {
  from: Date | null
  to: Date | null
}

export type AttemptState = (typeof attempts.$inferSelect)['state'] | 'aborting'

export interface Filters {
  states: State[]
  errorCodes: string[]
  functionIds: string[]
  scheduledAt: Interval | null
  startedAt: Interval | null
  executedBy: string | null
  metadata: { key: string; values: string[] }[]
}

export const noFilters: Filters = {
  states: [],
  errorCodes: [],
  functionIds: [],
  scheduledAt: null,
  startedAt: null,
  executedBy: null,
  metadata: [],
}

export async function listExecutions(
  db: Db,
  environmentId: string,
  page: PageRequest,
  filters: Filters,
): Promise<Page<Execution>> {
  const rows = await db
    .select(executionColumns)
    .from(executions)
    .innerJoin(functions, eq(functions.id, executions.functionId))
    .where(
      and(
        eq(executions.environmentId, environmentId),
        within(executions.sequence, page),
        anyOf(executions.state, filters.states),
        anyOf(executions.errorCode, filters.errorCodes),
        ...filtersOfBoth(filters),
      ),
    )
    .orderBy(page.fromEnd ? asc(executions.sequence) : desc(executions.sequence))
    .limit(page.size + 1)
  return toPage(rows, page)
}

export interface Attempt extends Omit<Execution, 'state' | 'sequence'> {
  number: number
  state: AttemptState
}

const attemptState = sql<AttemptState>`
  case when ${attempts.state} = 'running' and ${executions.state} = 'aborting' then 'aborting' else ${attempts.state} end
`

/** `states` of the filters are words of AttemptState; one that no attempt can have matches none. */
export async function listAttempts(
  db: Db,
  key: ExecutionKey,
  page: PageRequest,
  filters: Omit<Filters, 'states'> & { states: readonly string[] },
): Promise<Page<Attempt>> {
  const rows = await db
    .select({
      ...executionColumns,
      id: attempts.id,
      number: attempts.number,
      state: attemptState,
      createdAt: attempts.startedAt,
      updatedAt: sql`coalesce(${attempts.finishedAt}, ${attempts.startedAt})`.mapWith(attempts.startedAt),
    })
    .from(attempts)
    .innerJoin(executions, eq(executions.id, attempts.executionId))
    .innerJoin(functions, eq(functions.id, executions.functionId))
    .where(
      and(
        eq(executions.id, key.id),
        eq(executions.environmentId, key.environmentId),
        within(attempts.number, page),
        anyOf(attemptState, filters.states),
        anyOf(attempts.errorCode, filters.errorCodes),
        ...filtersOfBoth(filters),
      ),
    )
    .orderBy(page.fromEnd ? asc(attempts.number) : desc(attempts.number))
    .limit(page.size + 1)
  return toPage(rows, page)
}

function filtersOfBoth(filters: Omit<Filters, 'states'>): (SQL | undefined)[] {
  return [
    anyOf(executions.functionId, filters.functionIds),
    during(executions.scheduleFor, filters.scheduledAt),
    during(executions.startedAt, filters.startedAt),
    filters.executedBy === null ? undefined : sql`${executions.executedBy} = ${filters.executedBy}`,
    ...filters.metadata.map(({ key, values }) => anyOf(sql`${executions.metadata} ->> ${key}`, values)),
  ]
}

const within = (column: Column, { after, before }: PageRequest) =>
  and(after === null ? undefined : lt(column, after), before === null ? undefined : gt(column, before))

/** No words, no filter. */
const anyOf = (value: Column | SQL, words: readonly string[]) =>
  words.length === 0 ? undefined : sql`${value} = any(${sql.param([...words])})`

const during = (column: Column, interval: Interval | null) =>
  and(
    interval?.from ? gte(column, interval.from) : undefined,
    interval?.to ? lte(column, interval.to) : undefined,
  )

function toPage<T>(rows: T[], { size, fromEnd, after, before }: PageRequest): Page<T> {
  const more = rows.length > size
  const items = rows.slice(0, size)
  return fromEnd
    ? { items: items.toReversed(), hasNext: before !== null, hasPrevious: more }
    : { items, hasNext: more, hasPrevious: after !== null }
}

export type Counts = {
  queued: number
  held: number
  running: number
  succeeded: number
  failed: number
  cancelled: number
  aborted: number
  discarded: number
}

/** Held: queued, but its function or environment may not start anything now. Together: everything ever accepted. */
export async function countExecutions(db: Db, environmentId: string): Promise<Counts> {
  const [row] = await db.execute<Counts>(sql`
    with counted as (
      select function_id, state, count(*)::int as amount
      from executions
      where environment_id = ${environmentId}
      group by function_id, state
    ),
    open as (
      select f.id
      from functions f
      join environments e on e.id = f.environment_id
      where e.id = ${environmentId} and ${claimable}
    ),
    sorted as (
      select amount, case
        when state = 'queued' and function_id not in (select id from open) then 'held'
        when state = 'aborting' then 'running'
        else state
      end as word
      from counted
    )
    select
      coalesce(sum(amount) filter (where word = 'queued'), 0)::int as queued,
      coalesce(sum(amount) filter (where word = 'held'), 0)::int as held,
      coalesce(sum(amount) filter (where word = 'running'), 0)::int as running,
      coalesce(sum(amount) filter (where word = 'succeeded'), 0)::int as succeeded,
      coalesce(sum(amount) filter (where word = 'failed'), 0)::int as failed,
      coalesce(sum(amount) filter (where word = 'cancelled'), 0)::int as cancelled,
      coalesce(sum(amount) filter (where word = 'aborted'), 0)::int as aborted,
      coalesce(sum(amount) filter (where word = 'discarded'), 0)::int as discarded
    from sorted
  `)
  if (!row) throw new Error('a count without a row')
  return row
}
