// What callers may send, and what it means to us. Unknown fields are refused: a misspelt `discard_after` that is silently
// ignored would run something it should not.
import { z } from 'zod'
import { AppError } from '../errors.ts'
import type { Filters, PageRequest } from '../executions/list-store.ts'
import type { Cursors } from './cursor.ts'
import { statesOf, type WireState, wireStates } from './wire.ts'

const maxPairs = 25
const maxPageSize = 100
const maxListed = 100
const maxPriority = 600

const Time = z.iso
  .datetime({ offset: true, error: 'must be a date as in 2024-05-01T12:00:00.000Z' })
  .transform(text => new Date(text))
const printable = /^[\x20-\x7e]{1,256}$/
const printableWords = 'must be 1 to 256 printable ASCII characters'
const Metadata = z
  .record(z.string().regex(printable, printableWords), z.string().regex(printable, printableWords))
  .refine(pairs => Object.keys(pairs).length <= maxPairs, `has more than ${maxPairs} pairs`)

const priorityWords = `must be a whole number of seconds from 0 to ${maxPriority}: how much earlier its place in the queue is; leave it out for a call that waits its turn`
const Priority = z
  .number(priorityWords)
  .refine(one => Number.isInteger(one) && one >= 0 && one <= maxPriority, priorityWords)

const call = {
  schedule_for: Time.nullish(),
  discard_after: Time.nullish(),
  metadata: Metadata.nullish(),
}
const FunctionName = z.string().min(1).max(1_000)
const Arguments = z.array(z.unknown()).default([])

export const EnqueueV2 = z.strictObject({
  function_name: FunctionName,
  function_arguments: Arguments,
  priority: Priority.nullish(), // not Defer's
  ...call,
})
export const EnqueueBulk = z.strictObject({
  executions: z.array(EnqueueV2).min(1).max(1_000),
})
export const EnqueueV1 = z.strictObject({
  name: FunctionName,
  arguments: Arguments,
  scheduled_for: Time.nullish(),
  ...call,
})
export const Cancellation = z.strictObject({ force: z.boolean().default(false) })
export const ScheduleV2 = z.strictObject({ schedule_for: Time })
export const ScheduleV1 = z.strictObject({ schedule_for: Time.optional(), scheduled_for: Time.optional() })
export const Nothing = z.strictObject({})

export function toCall(body: z.infer<typeof EnqueueV2>) {
  return {
    functionName: body.function_name,
    arguments: body.function_arguments,
    metadata: body.metadata ?? {},
    scheduleFor: body.schedule_for ?? null,
    discardAfter: body.discard_after ?? null,
    priority: body.priority ?? 0,
  }
}

const Words = z.array(z.string().max(1_000)).max(maxListed).nullish()
const Size = z.number().int().min(1).max(maxPageSize).nullish()
const Cursor = z.string().max(200).nullish()
const Interval = z.strictObject({ from: Time.nullish(), to: Time.nullish() }).nullish()
const wireWords = Object.values(wireStates)

export const ListRequest = z.strictObject({
  page: z
    .strictObject({ first: Size, after: Cursor, last: Size, before: Cursor })
    .refine(page => !(page.first && page.last), 'give first or last, not both')
    .nullish(),
  filters: z
    .strictObject({
      states: z.array(z.enum(wireWords)).max(maxListed).nullish(),
      error_codes: z.array(z.string().max(20)).max(maxListed).nullish(),
      function_ids: z.array(z.guid()).max(maxListed).nullish(),
      scheduled_at: Interval,
      started_at: Interval,
      executed_by: z.string().max(100).nullish(),
      metadata: z
        .array(z.strictObject({ key: z.string().max(256), values: Words }))
        .max(maxPairs)
        .nullish(),
    })
    .nullish(),
})
export type ListRequest = z.infer<typeof ListRequest>

/** @throws AppError `malformed`, naming the field. */
export function parseRequest<T extends z.ZodType>(schema: T, body: unknown): z.infer<T> {
  const parsed = schema.safeParse(body === undefined ? {} : body)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.slice(0, 10).map(issue => {
    const field = issue.path.join('.')
    return field ? `${field}: ${issue.message}` : issue.message
  })
  throw new AppError('malformed', `The request was not understood. ${problems.join('; ')}.`)
}

export function toPageRequest(request: ListRequest, cursors: Cursors): PageRequest {
  const { first, last, after, before } = request.page ?? {}
  return {
    size: first ?? last ?? maxPageSize,
    fromEnd: typeof last === 'number',
    after: after ? cursors.read(after) : null,
    before: before ? cursors.read(before) : null,
  }
}

export function toFilters(request: ListRequest): Omit<Filters, 'states'> & { wireStates: WireState[] } {
  const filters = request.filters ?? {}
  const interval = (
    given: { from?: Date | null | undefined; to?: Date | null | undefined } | null | undefined,
  ) => (given ? { from: given.from ?? null, to: given.to ?? null } : null)
  return {
    wireStates: filters.states ?? [],
    errorCodes: filters.error_codes ?? [],
    functionIds: filters.function_ids ?? [],
    scheduledAt: interval(filters.scheduled_at),
    startedAt: interval(filters.started_at),
    executedBy: filters.executed_by ?? null,
    metadata: (filters.metadata ?? []).map(({ key, values }) => ({ key, values: values ?? [] })),
  }
}

export const withStates = ({ wireStates: wire, ...filters }: ReturnType<typeof toFilters>): Filters => ({
  ...filters,
  states: statesOf(wire),
})
