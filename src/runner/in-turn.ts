// Calls in a child, one after another. The child has them all before the first begins, so that it never waits for us between two;
// whether one behind another has begun is told from the answers before it, and from the clock that both sides go by: the child
// begins none later than it may, and each only when the answer of the one before is out of its process.
import { setImmediate as turnOfTheLoop } from 'node:timers/promises'
import type { Exit } from '../executions/outcome.ts'
import type { Call } from '../executions/ports.ts'
import type { AttemptLog } from './attempt-log.ts'
import { notBegun, runCall } from './call.ts'
import type { Child, Turn } from './child-process.ts'
import type { Reply } from './conversation.ts'
import { monotonicMs } from './monotonic.ts'
import type { Answer } from './protocol.ts'

export interface InTurn {
  call: Call
  /** Where what it says goes. */
  log: AttemptLog
}

// Its process was ended for the one before it, and had begun it perhaps.
const cutOff: Exit = { kind: 'unavailable', message: 'its process was ended with the call before it' }

/** The last answer of a child that is free: null where nothing of it began. */
export interface Free {
  answer: Answer | null
}

/** Resolves when all is over; null: the child has ended, or is about to. */
export async function runInTurn(child: Child, calls: InTurn[], memoryMb: number): Promise<Free | null> {
  const line = createLine(child, calls)
  let answer: Answer | null = null
  for (let one = line.next(); one; one = line.next()) {
    const ran = await runCall(child, one.call, memoryMb, one.reply)
    one.call.ended(ran.exit)
    if (ran.answer !== null) answer = ran.answer
    else if (ran.exit.kind !== 'not_begun') {
      await line.breakOff()
      return null
    }
  }
  await line.passed()
  return { answer }
}

function createLine(child: Child, calls: InTurn[]) {
  let turns: Turn[] = []
  let turn = -1
  let end = calls.length
  let clock: NodeJS.Timeout | undefined

  async function send(first: Call): Promise<Reply> {
    const loaded = await child.loaded
    if (loaded?.error !== null) return null
    if (!(await first.mayBegin())) {
      for (const { call } of rest()) call.ended(notBegun)
      return 'late'
    }
    turns = child.send(calls.map(toRun))
    const latestMs = Math.max(...calls.slice(1).map(({ call }) => call.beginByMs()))
    if (calls.length > 1) clock = setTimeout(() => void giveUp(), Math.max(0, latestMs - performance.now()))
    return replyOf(0)
  }
  function replyOf(index: number): Promise<Reply> {
    const one = turns[index]
    one?.begin()
    return one?.reply ?? Promise.resolve(null)
  }
  /** It is too late for them all. What has begun in time was preceded by an answer that is here by now, and is read first. */
  async function giveUp(): Promise<void> {
    await turnOfTheLoop()
    await turnOfTheLoop()
    for (const { call } of rest()) call.ended(notBegun)
  }
  /** Those that are behind the one whose turn it is; none of them gets one any more. */
  function rest(): InTurn[] {
    const behind = calls.slice(turn + 1, end)
    end = Math.min(end, turn + 1)
    return behind
  }
  return {
    next() {
      turn += 1
      const index = turn
      const call = calls[index]?.call
      if (call === undefined || index >= end) return null
      return { call, reply: () => (index === 0 ? send(call) : replyOf(index)) }
    },
    /** The child has ended in the turn of one: those behind it have not begun, but for one whose predecessor did answer. */
    async breakOff(): Promise<void> {
      clearTimeout(clock)
      for (const [index, { call }] of rest().entries()) {
        const before = await turns[turn + index]?.reply
        call.ended(before === null || before === undefined ? notBegun : cutOff)
      }
    },
    /** Those that were given up have been told to be late, too: the child is free. */
    async passed(): Promise<void> {
      clearTimeout(clock)
      await Promise.all(turns.slice(end).map(one => one.reply))
    },
  }
}

function toRun({ call, log }: InTurn) {
  const beginByMs = monotonicMs() + call.beginByMs() - performance.now()
  return { arguments: call.attempt.arguments, beginByMs, log }
}
