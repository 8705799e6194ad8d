// What a process writes: counted, passed on up to a cap, then read and dropped, so that neither a flood nor a line without an
// end costs memory. The tail of the error output is kept: it says why a process died.
import type { Readable } from 'node:stream'

const maxPassedBytes = 1024 * 1024
const tailBytes = 8 * 1024

export interface Output {
  tail(): string
  /** From here on the cap counts anew. */
  reset(): void
}

export function readOutput(stream: Readable, pass: (text: string) => void): Output {
  let tail = Buffer.alloc(0)
  let passed = 0
  stream.on('data', (chunk: Buffer) => {
    tail = Buffer.concat([tail, chunk.subarray(-tailBytes)]).subarray(-tailBytes)
    if (passed < maxPassedBytes) pass(chunk.subarray(0, maxPassedBytes - passed).toString('utf8'))
    passed += chunk.length
  })
  stream.on('error', () => {}) // a pipe that broke has ended
  return {
    tail: () => printable(tail.toString('utf8')),
    reset() {
      tail = Buffer.alloc(0)
      passed = 0
    },
  }
}

/** PostgreSQL keeps no NUL, and no reader wants escape sequences. */
function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this removes
  return text.replace(/\u001b\[[0-9;]*[A-Za-z]/g, '').replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '')
}
