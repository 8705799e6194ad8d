// SQL of single executions: create, read, cancel, reschedule, count. Claiming is in claim-store.ts, settling in
// settle-store.ts, listing in list-store.ts, cron ticks in cron-store.ts.
import { and, eq, sql } from 'drizzle-orm'
import type { Db, Tx } from '../db/client.ts'
import { executions, functions } from '../db/schema.ts'
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
  executedBy: 'api' | 'cron' | 'rerun' | 'command'
  rerunOf: string | null
}

/**
 * Null: the environment has no function of that name. The key share lock is the one the foreign key takes anyway; taken
 * here, a deletion that locks the function `for update` either sees this execution or makes this find no function.
 * One that could only start after it has to be discarded is discarded at once.
 */
export async function insertExecution(db: Db | Tx, values: NewExecution): Promise<Execution | null> {
  const [row] = await db.execute<Record<string, string>>(sql`
    with target as (
      select id, environment_id
      from functions
      where environment_id = ${values.environmentId}
        and name = ${values.functionName}
        and state <> 'deleted'
      for key share
    ),
    wanted as (
      select
        coalesce(${iso(values.scheduleFor)}::timestamptz, now()) as schedule_for,
        ${iso(values.discardAfter)}::timestamptz as discard_after
    )
    insert into executions (
      environment_id, function_id, state, finished_at, arguments, metadata,
      schedule_for, due_at, discard_after, executed_by, rerun_of
    )
    select
      target.environment_id,
      target.id,
      case when discard_after <= greatest(schedule_for, now()) then 'discarded' else 'queued' end,
      case when discard_after <= greatest(schedule_for, now()) then now() end,
      ${values.arguments},
      ${JSON.stringify(values.metadata)}::jsonb,
      schedule_for,
      schedule_for,
      discard_after,
      ${values.executedBy},
      ${values.rerunOf}::uuid
    from target, wanted
    returning id, sequence, function_id, state, schedule_for, created_at, updated_at
  `)
  return row ? toExecution({ ...row, function_name: values.functionName }) : null
}

function iso(time: Date | null): string | null {
  return time?.toISOString() ?? null
}

function toExecution(row: Record<string, string | undefined>): Execution {
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

/** Its state under a lock that lasts until the transaction ends. */
export async function lockExecution(tx: Tx, key: ExecutionKey): Promise<State | null> {
  const [row] = await tx.select({ state: executions.state }).from(executions).where(isIt(key)).for('update')
  return row?.state ?? null
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
  await tx
    .update(executions)
    .set({ state: 'cancelled', finishedAt: sql`now()`, updatedAt: sql`now()` })
    .where(and(eq(executions.id, id), eq(executions.state, 'queued')))
}

export async function aborting(tx: Tx, id: string): Promise<void> {
  await tx
    .update(executions)
    .set({ state: 'aborting', updatedAt: sql`now()` })
    .where(and(eq(executions.id, id), eq(executions.state, 'running')))
}

export async function rescheduled(tx: Tx, id: string, scheduleFor: Date): Promise<void> {
  await tx
    .update(executions)
    .set({ scheduleFor, dueAt: scheduleFor, updatedAt: sql`now()` })
    .where(and(eq(executions.id, id), eq(executions.state, 'queued')))
}

export interface CancelledExecution {
  id: string
  arguments: string
}

export async function cancelledOf(tx: Tx, functionId: string, error: string): Promise<CancelledExecution[]> {
  return tx
    .update(executions)
    .set({ state: 'cancelled', error, finishedAt: sql`now()`, updatedAt: sql`now()` })
    .where(and(eq(executions.functionId, functionId), eq(executions.state, 'queued')))
    .returning({ id: executions.id, arguments: executions.arguments })
}

/** Pages of queued executions whose time to start has passed; how many it discarded. */
export async function discarded(db: Db, limit: number): Promise<number> {
  const rows = await db.execute(sql`
    with late as (
      select id
      from executions
      where state = 'queued' and discard_after is not null and discard_after <= now() and attempt = 0
      limit ${limit}
      for update skip locked
    )
    update executions
    set state = 'discarded', finished_at = now(), updated_at = now()
    from late
    where executions.id = late.id
    returning executions.id
  `)
  return rows.length
}
