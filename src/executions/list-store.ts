// SQL of lists: executions of an environment, attempts of an execution, newest first, in pages. A page of executions is taken
// from the keyset (sequence), so it costs the same wherever it begins.
import { and, asc, type Column, desc, eq, gt, gte, lt, lte, type SQL, sql } from 'drizzle-orm'
import type { Db } from '../db/client.ts'
import { executions, functions } from '../db/schema.ts'
import { type Attempt, type AttemptFilters, attemptsOf, pageOf } from './attempts-list.ts'
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

/** The attempts of one that the filters, as far as they are of the execution, let pass. */
export async function listAttempts(
  db: Db,
  key: ExecutionKey,
  page: PageRequest,
  filters: Omit<Filters, 'states'> & AttemptFilters,
): Promise<Page<Attempt>> {
  const { attempt, attempts, attemptStartedAt } = executions
  const [row] = await db
    .select({ ...executionColumns, attempt, attempts, attemptStartedAt })
    .from(executions)
    .innerJoin(functions, eq(functions.id, executions.functionId))
    .where(
      and(
        eq(executions.id, key.id),
        eq(executions.environmentId, key.environmentId),
        ...filtersOfBoth(filters),
      ),
    )
  return pageOf(row ? attemptsOf(row) : [], page, filters)
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
