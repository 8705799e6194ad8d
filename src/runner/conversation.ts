// The parent's end of a child's descriptor. An answer counts only for the call whose turn it is, which has a random number: what
// user code says in our place, or says twice, settles nothing. A child that talks out of turn is given no other call.
import { randomFillSync } from 'node:crypto'
import type { Duplex } from 'node:stream'
import { createDecoder, encodeFrame, type Frame } from './frames.ts'
import {
  type Answer,
  decodeAnswer,
  encodeRun,
  fromChild,
  maxFrameBytes,
  type Run,
  type Told,
  toChild,
} from './protocol.ts'

/** What came of loading the function's code: an error as JSON, if any. */
export type Loaded = { error: string | null }

/** What becomes of a call: its answer; `late`: it did not begin; null: the process ended before there was an answer. */
export type Reply = Answer | 'late' | null

export interface Sent {
  number: number
  reply: Promise<Reply>
}

export interface Conversation {
  /** Null: the process ended before. */
  readonly loaded: Promise<Loaded | null>
  /** They run one after another, behind those that were sent before. */
  send<T extends Run>(runs: T[]): (T & Sent)[]
  /** To the call whose turn it is, or to the next where there is none yet. `deaf`: when nobody in it listens. */
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
  resolve(reply: Reply): void
  deaf(): void
}

const nothing = () => {}

/** `broke`: what comes is not what a child of ours says, and no end of it can be found. */
export function createConversation(socket: Duplex, broke: () => void): Conversation {
  const loading = Promise.withResolvers<Loaded | null>()
  let inFlight: InFlight[] = []
  let early: Told | null = null
  let [started, loaded, confused, closed] = [false, false, false, false]

  function take(frame: Frame): void {
    if (frame.kind === fromChild.started && !started) started = true
    else if (frame.kind === fromChild.ready && !loaded) load(null)
    else if (frame.kind === fromChild.broken && !loaded) load(frame.body.toString())
    else answered(frame)
  }
  function answered(frame: Frame): void {
    const [one] = inFlight
    if (one === undefined || frame.call !== one.number) confused = true
    else if (frame.kind === fromChild.deaf) one.deaf()
    else end(one, frame.kind === fromChild.late ? 'late' : decodeAnswer(frame))
  }
  function load(error: string | null): void {
    loaded = true
    loading.resolve({ error })
  }
  function end(one: InFlight, reply: Reply): void {
    confused ||= reply === null
    if (reply === null) return
    inFlight.shift()
    one.resolve(reply)
  }

  function tell(told: Told, deaf: () => void): void {
    if (closed) return
    const [one] = inFlight
    if (one === undefined) {
      early = told
      deaf()
      return
    }
    one.deaf = deaf
    socket.write(encodeFrame(toChild.tell, one.number, told))
  }

  function sendOne<T extends Run>(run: T): T & Sent {
    const { promise, resolve } = Promise.withResolvers<Reply>()
    const number = nextNumber()
    inFlight.push({ number, resolve, deaf: nothing })
    socket.write(encodeRun(number, run))
    return { ...run, number, reply: promise }
  }

  const decode = createDecoder(maxFrameBytes, take)
  socket.on('data', (chunk: Buffer) => {
    if (!decode(chunk)) broke()
  })
  socket.on('error', nothing) // a channel that broke has ended
  return {
    loaded: loading.promise,
    send(runs) {
      if (closed) return runs.map(run => ({ ...run, number: 0, reply: Promise.resolve(null) }))
      socket.cork()
      const sent = runs.map(sendOne)
      socket.uncork()
      if (early !== null) tell(early, nothing)
      early = null
      return sent
    },
    tell,
    hasStarted: () => started,
    isConfused: () => confused,
    close() {
      closed = true
      loading.resolve(null)
      for (const one of inFlight) one.resolve(null)
      inFlight = []
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
