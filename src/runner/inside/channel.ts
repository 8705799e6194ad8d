// The child's end of its descriptor. Everything it needs of Node is taken before any code of the function's runs, and the
// socket is in no list of open handles: what the function changes or finds cannot speak for it by accident.
import net from 'node:net'
import { createDecoder, encodeFrame, type Frame } from '../frames.ts'
import { type Answer, channelDescriptor, encodeAnswer, maxToldBytes } from '../protocol.ts'

export interface Channel {
  say(kind: number, text?: string, call?: number): void
  answer(call: number, answer: Answer): void
  /** Once all that was said is out of this process: whatever becomes of it, it is heard. */
  whenSaid(then: () => void): void
  /** Says the last thing, then ends the process. */
  sayLast(kind: number, text: string): void
  listen(take: (frame: Frame) => void): void
}

export function openChannel(): Channel {
  const socket = new net.Socket({ fd: channelDescriptor, readable: true, writable: true })
  const write = socket.write.bind(socket)
  const exit = process.exit.bind(process)
  socket.on('error', () => exit(0))
  // Without the worker there is nobody to work for.
  socket.on('close', () => exit(0))
  socket.unref()
  // The process lives until it is ended from outside, whatever the function leaves open.
  setInterval(() => {}, 2 ** 31 - 1)
  return {
    say: (kind, text, call = 0) => void write(encodeFrame(kind, call, text)),
    answer: (call, answer) => void write(encodeAnswer(call, answer)),
    whenSaid(then) {
      // Written at once as a rule; what is too large for that waits in this process until it is read.
      if (socket.writableLength === 0) then()
      else write('', then)
    },
    sayLast: (kind, text) => void write(encodeFrame(kind, 0, text), () => exit(1)),
    listen(take) {
      const decode = createDecoder(maxToldBytes, take)
      socket.on('data', chunk => void decode(chunk))
    },
  }
}
