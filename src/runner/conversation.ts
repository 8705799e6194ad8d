// The parent's end of a child's descriptor. An answer counts only for the call in flight, which has a random number: what user
// code says in our place, or says twice, settles nothing. A child that talks out of turn is given no other call.
import { randomFillSync } from 'node:crypto'
import type { Duplex } from 'node:stream'
import { createDecoder, encodeFrame, type Frame } from './frames.ts'
import { type Answer, decodeAnswer, fromChild, maxFrameBytes, type Told, toChild } from './protocol.ts'

/** What came of loading the function's code: an error as JSON, if any. */
export type Loaded = { error: string | null }

export interface Conversation {
  /** Null: the process ended before. */
  readonly loaded: Promise<Loaded | null>
  /** The answer; null: the process ended without one. */
  call(argumentsText: string): Promise<Answer | null>
  /** Of the newest call. */
  number(): number
  /** To the call in flight, or to the next where there is none yet. `deaf`: when nobody in it listens. */
  tell(told: Told, deaf: () => void): void
  /** Whether it came as far as loading the function's code. */
  hasStarted(): boolean
  /** Whether it said something that nobody had asked for. */
  isConfused(): boolean
  /** No more will be said. */
  close(): void
}

interface InFlight {
  number: number
  resolve(answer: Answer | null): void
  deaf(): void
}

const nothing = () => {}

/** `broke`: what comes is not what a child of ours says, and no end of it can be found. */
export function createConversation(socket: Duplex, broke: () => void): Conversation {
  const loading = Promise.withResolvers<Loaded | null>()
  let inFlight: InFlight | null = null
  let early: Told | null = null
  let newest = 0
  let [started, loaded, confused, closed] = [false, false, false, false]

  function take(frame: Frame): void {
    if (frame.kind === fromChild.started && !started) started = true
    else if (frame.kind === fromChild.ready && !loaded) load(null)
    else if (frame.kind === fromChild.broken && !loaded) load(frame.body.toString())
    else if (inFlight === null || frame.call !== inFlight.number) confused = true
    else if (frame.kind === fromChild.deaf) inFlight.deaf()
    else end(inFlight, decodeAnswer(frame))
  }
  function load(error: string | null): void {
    loaded = true
    loading.resolve({ error })
  }
  function end(one: InFlight, answer: Answer | null): void {
    confused ||= answer === null
    if (answer === null) return
    inFlight = null
    one.resolve(answer)
  }

  function tell(told: Told, deaf: () => void): void {
    if (closed) return
    if (inFlight === null) {
      early = told
      deaf()
      return
    }
    inFlight.deaf = deaf
    socket.write(encodeFrame(toChild.tell, inFlight.number, told))
  }

  const decode = createDecoder(maxFrameBytes, take)
  socket.on('data', (chunk: Buffer) => {
    if (!decode(chunk)) broke()
  })
  socket.on('error', nothing) // a channel that broke has ended
  return {
    loaded: loading.promise,
    call(argumentsText) {
      if (closed || inFlight !== null) return Promise.resolve(null)
      const { promise, resolve } = Promise.withResolvers<Answer | null>()
      newest = nextNumber()
      inFlight = { number: newest, resolve, deaf: nothing }
      socket.write(encodeFrame(toChild.run, newest, argumentsText))
      if (early !== null) tell(early, nothing)
      early = null
      return promise
    },
    number: () => newest,
    tell,
    hasStarted: () => started,
    isConfused: () => confused,
    close() {
      closed = true
      loading.resolve(null)
      inFlight?.resolve(null)
      inFlight = null
    },
  }
}

// Asked of the system for many calls at once.
const random = Buffer.alloc(6 * 1_024)
let used = random.length

function nextNumber(): number {
  if (used === random.length) {
    randomFillSync(random)
    used = 0
  }
  used += 6
  return random.readUIntLE(used - 6, 6)
}
