// A line of a function's output on its way from a child: a frame whose kind is the level, and the time in front of the text.
// Both sides use this file. Pure.
import type { LogLevel } from '../executions/ports.ts'
import { encodeFrame, type Frame, frameBodyAt } from './frames.ts'

export type { LogLevel }

export const logDescriptor = 4

export interface LineOfCall {
  call: number
  level: LogLevel
  atMs: number
  text: string
}

/** Of one line, in characters: longer ones are cut into several. */
export const longestText = 32 * 1024
const timeBytes = 8
export const maxLineBytes = timeBytes + 3 * longestText + 64

const levels: readonly LogLevel[] = ['debug', 'log', 'info', 'warn', 'error']

export function encodeLine(call: number, level: LogLevel, atMs: number, text: string): Buffer {
  const frame = encodeFrame(levels.indexOf(level), call, text, timeBytes)
  frame.writeDoubleLE(atMs, frameBodyAt)
  return frame
}

/** Null: it is no line. */
export function decodeLine({ kind, call, body }: Frame): LineOfCall | null {
  const level = levels[kind]
  if (level === undefined || body.length < timeBytes) return null
  const atMs = body.readDoubleLE(0)
  if (!Number.isFinite(atMs)) return null
  return { call, level, atMs, text: body.toString('utf8', timeBytes) }
}
