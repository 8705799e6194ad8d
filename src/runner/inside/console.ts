// What the function says by `console`, on a descriptor of its own: each text with its level, its time and the call it belongs to.
// Written before the method returns, so that whatever ends the process loses none of it. All methods go this way: they write to
// the console's two streams, which are replaced; the five that have a level say so.
import { writeSync } from 'node:fs'
import { encodeLine, type LogLevel, logDescriptor, longestText } from '../log-lines.ts'

const levels: readonly LogLevel[] = ['debug', 'log', 'info', 'warn', 'error']
const write = writeSync
const now = Date.now

/** `currentCall`: 0 outside of one. Tells how many lines were written for it. */
export function captureConsole(currentCall: () => number, wrote: () => void): void {
  let level: LogLevel | null = null

  function put(text: string, otherwise: LogLevel): void {
    const line = text.endsWith('\n') ? text.slice(0, -1) : text
    for (let from = 0; from === 0 || from < line.length; from += longestText) {
      try {
        const frame = encodeLine(
          currentCall(),
          level ?? otherwise,
          now(),
          line.slice(from, from + longestText),
        )
        write(logDescriptor, frame)
        wrote()
      } catch {
        return // nobody reads any more: what is said is lost, and nothing else
      }
    }
  }
  const stream = (otherwise: LogLevel) => ({
    isTTY: false,
    write(text: unknown) {
      put(String(text), otherwise)
      return true
    },
    on: () => {},
    once: () => {},
    removeListener: () => {},
    listenerCount: () => 0,
  })
  Object.assign(console, { _stdout: stream('log'), _stderr: stream('error') })
  for (const name of levels) {
    const usual = console[name].bind(console)
    console[name] = (...values: unknown[]) => {
      const before = level
      level = name
      try {
        usual(...values)
      } finally {
        level = before
      }
    }
  }
}
