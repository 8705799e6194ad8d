// What a worker and its child process say to each other, on descriptor 3. What comes from a child is a stranger's input: user
// code shares its process, so lengths, kinds and the call they are about are checked. Values travel as JSON text: the child
// makes it, nobody remakes it.
import { encodeFrame, type Frame, frameBodyAt } from './frames.ts'
import { maxResultBytes } from './inside/serialize.ts'

export const channelDescriptor = 3

export const toChild = { run: 1, tell: 2 } as const
export const fromChild = { started: 1, ready: 2, broken: 3, returned: 4, threw: 5, deaf: 6, late: 7 } as const

/** What a function is told by its signal while it runs. */
export type Told = 'timed_out' | 'cancelled' | 'shutting_down' | 'draining'

const maxErrorBytes = 1024 * 1024
const slackBytes = 64

/** Of what a child says; the platform says as much as it likes. */
export const maxFrameBytes = Math.max(maxResultBytes, maxErrorBytes) + slackBytes
export const maxToldBytes = 2 ** 32 - 1

/** A call as the child is given it. */
export interface Run {
  /** A JSON array. */
  arguments: string
  /** On the machine's monotonic clock (monotonic.ts): later it does not begin, and says that it came too late. */
  beginByMs: number
}

const runBytes = 8

export function encodeRun(call: number, run: Run): Buffer {
  const frame = encodeFrame(toChild.run, call, run.arguments, runBytes)
  frame.writeDoubleLE(run.beginByMs, frameBodyAt)
  return frame
}

export function decodeRun({ body }: Frame): Run {
  return { beginByMs: body.readDoubleLE(0), arguments: body.toString('utf8', runBytes) }
}

/** The end of a call. */
export interface Answer {
  kind: 'returned' | 'threw'
  /** JSON of the result, or of a FailureRecord; null: it returned nothing. */
  text: string | null
  /** Somebody held the call's signal when it fired. */
  heard: boolean
  /** What it began goes on, or something of an earlier call went wrong: no other call is to share the process. */
  unfit: boolean
  /** How many lines of output were written for it. */
  lines: number
  /** Of the whole process, where it was measured; 0: not now. */
  memoryMb: number
}

const answerBytes = 9
const flags = { nothing: 1, heard: 2, unfit: 4 } as const

export function encodeAnswer(call: number, answer: Answer): Buffer {
  const { kind, text, heard, unfit, lines, memoryMb } = answer
  const frame = encodeFrame(fromChild[kind], call, text ?? '', answerBytes)
  const set = (text === null ? flags.nothing : 0) | (heard ? flags.heard : 0) | (unfit ? flags.unfit : 0)
  frame.writeUInt8(set, frameBodyAt)
  frame.writeUInt32LE(memoryMb, frameBodyAt + 1)
  frame.writeUInt32LE(lines, frameBodyAt + 5)
  return frame
}

/** Null: it is no answer. */
export function decodeAnswer({ kind, body }: Frame): Answer | null {
  if ((kind !== fromChild.returned && kind !== fromChild.threw) || body.length < answerBytes) return null
  const set = body.readUInt8(0)
  return {
    kind: kind === fromChild.returned ? 'returned' : 'threw',
    text: (set & flags.nothing) === 0 ? body.toString('utf8', answerBytes) : null,
    heard: (set & flags.heard) !== 0,
    unfit: (set & flags.unfit) !== 0,
    memoryMb: body.readUInt32LE(1),
    lines: body.readUInt32LE(5),
  }
}
