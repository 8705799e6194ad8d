// Claims what is due, for as many slots as the worker has free: a share of each function that waits. Unlimited functions in
// one statement; a function with a concurrency limit in a transaction of its own, held by one claimer at a time.
import { crashPoint } from '../crash-point.ts'
import type { Tx } from '../db/client.ts'
import type { Core } from '../events/outbox.ts'
import {
  type Claimed,
  cancelledDue,
  claimed,
  countRunning,
  type DueFunction,
  dueFunctions,
  lockLimited,
  overflowingFunctions,
} from './claim-store.ts'

export const leaseSeconds = 30

export interface ClaimRequest {
  workerId: string
  slots: number
  /** How many more, beyond the slots: nothing of it while something of a limited function is due. */
  ahead: number
  /** Functions of which something is likely to be due, where nothing else is known to be: they are tried without a look at all. */
  likely?: string[]
}

export interface Claims {
  executions: Claimed[]
  /** Something was due, but others held its rows: it is worth asking again very soon. */
  contended: boolean
}

export async function claim(core: Core, request: ClaimRequest): Promise<Claims> {
  const executions = await claimLikely(core, request)
  return executions.length > 0 ? { executions, contended: false } : claimShares(core, request)
}

/** For the free slots alone: when they are taken the next look is one at all functions, so that none has them for long. */
async function claimLikely({ db }: Core, { likely = [], slots, workerId }: ClaimRequest): Promise<Claimed[]> {
  if (likely.length === 0 || slots === 0) return []
  return claimed(db, { ...unlimited, functionIds: likely, each: slots, all: slots, workerId })
}

async function claimShares(core: Core, request: ClaimRequest): Promise<Claims> {
  const due = await dueFunctions(core.db, { limit: request.slots + request.ahead })
  // What is claimed counts as running: ahead of a slot it would use up a limit without running.
  const room = due.some(isLimited) ? request.slots : request.slots + request.ahead
  if (due.length === 0 || room === 0) return { executions: [], contended: false }
  const each = Math.ceil(room / due.length)
  const executions: Claimed[] = []
  for (const one of due.filter(isLimited)) {
    const slots = Math.min(each, room - executions.length)
    if (slots > 0) executions.push(...(await claimLimited(core, one.id, { ...request, slots })))
  }
  const functionIds = due.filter(one => !isLimited(one)).map(one => one.id)
  const all = room - executions.length
  const { workerId } = request
  if (functionIds.length > 0 && all > 0)
    executions.push(...(await claimed(core.db, { ...unlimited, functionIds, each, all, workerId })))
  return { executions, contended: executions.length === 0 }
}

const unlimited = { leaseSeconds, limited: false }

const isLimited = ({ concurrency }: DueFunction) => concurrency !== null

function claimLimited(core: Core, functionId: string, request: ClaimRequest): Promise<Claimed[]> {
  return core.db.transaction(async tx => {
    const [limit] = await lockLimited(tx, { functionId })
    if (!limit) return []
    const room = limit.concurrency - (await runningOf(tx, functionId))
    const each = Math.min(room, request.slots)
    const started =
      each > 0
        ? await claimed(tx, {
            functionIds: [functionId],
            each,
            all: each,
            workerId: request.workerId,
            leaseSeconds,
            limited: true,
          })
        : []
    if (limit.action === 'cancel' && started.length >= room) await cancelledDue(tx, functionId, overLimit)
    if (started.length > 0) crashPoint('claim.before_commit')
    return started
  })
}

async function runningOf(tx: Tx, functionId: string): Promise<number> {
  const [row] = await countRunning(tx, { functionId })
  return row?.running ?? 0
}

const overLimit = JSON.stringify({
  name: 'CancelledError',
  message:
    'It came due while its function ran as often as its concurrency allows (maxConcurrencyAction: "cancel").',
})

/** Cancels what came due while the limit of a function with maxConcurrencyAction "cancel" was reached. */
export async function cancelOverflow(core: Core): Promise<number> {
  let amount = 0
  for (const { id } of await overflowingFunctions(core.db))
    amount += await core.db.transaction(async tx => {
      const [limit] = await lockLimited(tx, { functionId: id })
      const reached = limit !== undefined && (await runningOf(tx, id)) >= limit.concurrency
      return limit?.action === 'cancel' && reached ? cancelledDue(tx, id, overLimit) : 0
    })
  return amount
}
