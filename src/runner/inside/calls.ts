// One call at a time of the function, in an async context of its own: what it leaves behind is told from what the next one does.
// The answer goes out when the event loop has come round after the function's end: what its end throws or exits counts first.
// Calls that wait here begin one after another, each when the answer of the one before is out of this process: what ends the
// process can be told from what ended before. One that it is too late for, or that would share the process with something that
// an earlier one left running, does not begin.
import { AsyncLocalStorage } from 'node:async_hooks'
import { monotonicMs } from '../monotonic.ts'
import type { Answer, Run, Told } from '../protocol.ts'
import type { Folders } from './describe-error.ts'
import { describeError } from './describe-error.ts'
import type { Callable } from './find-function.ts'
import { watchLeftovers } from './leftovers.ts'
import { measureMemory } from './memory.ts'
import { serialize } from './serialize.ts'
import { reasonOf } from './told.ts'

export interface Call {
  number: number
  over: boolean
  told: DOMException | null
  /** Made when the function first asks for its signal. */
  controller: AbortController | null
  /** Of output. */
  lines: number
}

export interface Calls {
  /** Outside of any call: null. */
  current(): Call | null
  /** The signal of the call that asks. */
  signal(): AbortSignal | undefined
  /** The code is loaded; from here on there are calls. */
  serve(fn: Callable): void
  /** Begins it when those before it have ended. */
  run(number: number, run: Run): void
  /** False: nobody holds the call's signal, or the call is over. */
  tell(number: number, told: Told): boolean
}

/** What is said of calls. */
export interface Said {
  answer(call: number, answer: Answer): void
  /** It does not begin. */
  late(call: number): void
  whenSaid(then: () => void): void
}

type Answered = Pick<Answer, 'kind' | 'text'>

const { parse, stringify } = JSON
const afterTheTurn = setImmediate

export function createCalls(folders: Folders, say: Said): Calls {
  const contexts = new AsyncLocalStorage<Call>()
  const leftovers = watchLeftovers(() => contexts.getStore()?.over === true)
  const memoryMb = measureMemory()
  const waiting: (Run & { number: number })[] = []
  let running: Call | null = null
  let unfit = false
  let free = true
  let callable: Callable = () => undefined

  async function attempt(call: Call, argumentsText: string): Promise<Answered> {
    try {
      const given = parse(argumentsText)
      // In a function of ours: a stack is cut at its frame.
      const serialized = serialize(await contexts.run(call, () => callable(...given)))
      if ('json' in serialized) return { kind: 'returned', text: serialized.json }
      const error = { name: 'ResultNotSerializableError', message: serialized.problem }
      return { kind: 'threw', text: stringify(error) }
    } catch (thrown) {
      return { kind: 'threw', text: stringify(describeError(thrown, folders)) }
    }
  }

  function end(call: Call, answered: Answered): void {
    const heard = call.told !== null && call.controller !== null
    call.over = true
    running = null
    unfit = leftovers.any()
    say.answer(call.number, { ...answered, heard, unfit, lines: call.lines, memoryMb: memoryMb() })
    say.whenSaid(next)
  }

  function next(): void {
    free = true
    for (let one = waiting.shift(); one; one = waiting.shift()) {
      if (unfit || monotonicMs() > one.beginByMs) say.late(one.number)
      else {
        begin(one)
        return
      }
    }
  }

  function begin({ number, arguments: text }: Run & { number: number }): void {
    free = false
    const call: Call = { number, over: false, told: null, controller: null, lines: 0 }
    running = call
    void attempt(call, text).then(answered => afterTheTurn(end, call, answered))
  }

  return {
    current: () => contexts.getStore() ?? null,
    signal() {
      const call = contexts.getStore()
      if (!call) return undefined
      if (call.controller === null) {
        call.controller = new AbortController()
        if (call.told) call.controller.abort(call.told)
      }
      return call.controller.signal
    },
    serve(fn) {
      callable = fn
      leftovers.loaded()
    },
    run(number, run) {
      waiting.push({ ...run, number })
      if (free) next()
    },
    tell(number, told) {
      const call = running
      if (call?.number !== number) return false
      call.told ??= reasonOf(told)
      const { controller } = call
      if (controller === null) return false
      contexts.run(call, () => controller.abort(call.told))
      return true
    },
  }
}
