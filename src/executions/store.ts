// SQL of single executions: create, read, cancel, reschedule, count. Claiming is in claim-store.ts, settling in
// settle-store.ts, listing in list-store.ts, cron ticks in cron-store.ts.
import { and, eq, sql } from 'drizzle-orm'
import type { Db, Tx } from '../db/client.ts'
import { executions, functions, liveExecutions } from '../db/schema.ts'
import { statement } from '../db/statement.ts'
import { acceptedCalls } from './accept-store.ts'
import { type Finished, finish } from './finish-store.ts'
import type { State } from './states.ts'

export interface Execution {
  id: string
  sequence: number
  functionId: string
  functionName: string
  state: State
  scheduleFor: Date
  createdAt: Date
  updatedAt: Date
}

export const executionColumns = {
  id: executions.id,
  sequence: executions.sequence,
  functionId: executions.functionId,
  functionName: functions.name,
  state: executions.state,
  scheduleFor: executions.scheduleFor,
  createdAt: executions.createdAt,
  updatedAt: executions.updatedAt,
}

export interface NewExecution {
  environmentId: string
  functionName: string
  /** A JSON array. */
  arguments: string
  metadata: Record<string, string>
  scheduleFor: Date | null
  discardAfter: Date | null
  /** Seconds by which its place in the queue is earlier, where it is due at once. */
  priority: number
  executedBy: 'api' | 'cron' | 'rerun' | 'command'
  rerunOf: string | null
}

type InsertValues = Record<
  | 'environmentId'
  | 'functionName'
  | 'arguments'
  | 'metadata'
  | 'scheduleFor'
  | 'discardAfter'
  | 'executedBy'
  | 'rerunOf',
  string | null
> & { priority: number }

const given = (name: keyof InsertValues) => sql.placeholder(name)

const insert = (mayBeLate: boolean) =>
  statement<InsertValues, Record<string, string>>(sql`
    with target as (
      select id as function_id, environment_id
      from functions
      where environment_id = ${given('environmentId')}
        and name = ${given('functionName')}
        and state <> 'deleted'
      for key share
    ),
    call as (
      select *,
        ${given('arguments')} as arguments,
        ${given('metadata')}::jsonb as metadata,
        coalesce(${given('scheduleFor')}::timestamptz, now()) as schedule_for,
        ${given('discardAfter')}::timestamptz as discard_after,
        ${given('priority')}::int as priority,
        ${given('executedBy')} as executed_by,
        ${given('rerunOf')}::uuid as rerun_of
      from target
    ),
    ${acceptedCalls(mayBeLate)}
    select id, sequence, function_id, state, schedule_for, created_at, updated_at from accepted
  `)

const insertInTime = insert(false)
const insertOrDiscard = insert(true)

/**
 * Null: the environment has no function of that name. The key share lock is the one the foreign key takes anyway; taken
 * here, a deletion that locks the function `for update` either sees this execution or makes this find no function.
 * One that could only start after it has to be discarded is discarded at once.
 */
export async function insertExecution(db: Db | Tx, values: NewExecution): Promise<Execution | null> {
  const run = values.discardAfter === null ? insertInTime : insertOrDiscard
  const [row] = await run(db, {
    ...values,
    metadata: JSON.stringify(values.metadata),
    scheduleFor: iso(values.scheduleFor),
    discardAfter: iso(values.discardAfter),
  })
  return row ? toExecution({ ...row, function_name: values.functionName }) : null
}

function iso(time: Date | null): string | null {
  return time?.toISOString() ?? null
}

export function toExecution(row: Record<string, string | undefined>): Execution {
  const text = (name: string) => row[name] ?? ''
  return {
    id: text('id'),
    sequence: Number(row.sequence),
    functionId: text('function_id'),
    functionName: text('function_name'),
    state: text('state') as State, // the schema's CHECK
    scheduleFor: new Date(text('schedule_for')),
    createdAt: new Date(text('created_at')),
    updatedAt: new Date(text('updated_at')),
  }
}

export interface ExecutionKey {
  environmentId: string
  id: string
}

const isIt = ({ environmentId, id }: ExecutionKey) =>
  and(eq(executions.id, id), eq(executions.environmentId, environmentId))

export async function findExecution(db: Db | Tx, key: ExecutionKey): Promise<Execution | null> {
  const [row] = await db
    .select(executionColumns)
    .from(executions)
    .innerJoin(functions, eq(functions.id, executions.functionId))
    .where(isIt(key))
  return row ?? null
}

/** Its state, of a live one under a lock that lasts until the transaction ends. */
export async function lockExecution(tx: Tx, key: ExecutionKey): Promise<State | null> {
  const { id, environmentId, state } = liveExecutions
  const [live] = await tx
    .select({ state })
    .from(liveExecutions)
    .where(and(eq(id, key.id), eq(environmentId, key.environmentId)))
    .for('update')
  return live?.state ?? (await findExecution(tx, key))?.state ?? null
}

export interface Result {
  state: State
  /** JSON; null: it returned nothing, or is no success. */
  result: string | null
  /** JSON of a FailureRecord. */
  error: string | null
}

export async function findResult(db: Db | Tx, key: ExecutionKey): Promise<Result | null> {
  const columns = { state: executions.state, result: executions.result, error: executions.error }
  const [row] = await db.select(columns).from(executions).where(isIt(key))
  return row ?? null
}

export async function findCall(db: Db | Tx, key: ExecutionKey) {
  const [row] = await db
    .select({
      state: executions.state,
      functionName: functions.name,
      arguments: executions.arguments,
      metadata: executions.metadata,
    })
    .from(executions)
    .innerJoin(functions, eq(functions.id, executions.functionId))
    .where(isIt(key))
  return row ?? null
}

export async function cancelled(tx: Tx, id: string): Promise<void> {
  await finish(tx, sql`id = ${id} and state = 'queued'`, { state: 'cancelled' })
}

export async function aborting(tx: Tx, id: string): Promise<void> {
  await tx
    .update(liveExecutions)
    .set({ state: 'aborting', updatedAt: sql`now()` })
    .where(and(eq(liveExecutions.id, id), eq(liveExecutions.state, 'running')))
}

export async function rescheduled(tx: Tx, id: string, scheduleFor: Date): Promise<void> {
  await tx
    .update(liveExecutions)
    .set({ scheduleFor, dueAt: scheduleFor, updatedAt: sql`now()` })
    .where(and(eq(liveExecutions.id, id), eq(liveExecutions.state, 'queued')))
}

/** Everything of a function that has not started. */
export function cancelledOf(tx: Tx, functionId: string, error: string): Promise<Finished[]> {
  return finish(tx, sql`function_id = ${functionId} and state = 'queued'`, { state: 'cancelled', error })
}

/** Pages of queued executions whose time to start has passed; how many it discarded. */
export async function discarded(db: Db, limit: number): Promise<number> {
  const late = sql`id in (
    select id
    from live_executions
    where state = 'queued' and discard_after is not null and discard_after <= now() and attempt = 0
    limit ${limit}
    for update skip locked
  )`
  return (await finish(db, late, { state: 'discarded' })).length
}
