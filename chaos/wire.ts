// PostgreSQL's protocol as far as a proxy needs it: where one message ends, which of a client's belong together, and how an
// error is said. Pure.

export interface Message {
  /** '' for the first of a client, which has no type. */
  type: string
  bytes: Buffer
}

export interface Framer {
  /** The messages that are complete with these bytes. */
  push(bytes: Buffer): Message[]
}

/** `first`: whether the stream begins with a message without a type, as a client's does. */
export function createFramer(first: boolean): Framer {
  let left: Buffer = Buffer.alloc(0)
  let untyped = first
  function next(): Message | null {
    const head = untyped ? 0 : 1
    if (left.length < head + 4) return null
    const length = head + left.readInt32BE(head)
    if (left.length < length) return null
    const bytes = left.subarray(0, length)
    left = left.subarray(length)
    const type = untyped ? '' : String.fromCharCode(bytes[0] ?? 0)
    untyped = false
    return { type, bytes }
  }
  return {
    push(bytes) {
      left = left.length === 0 ? bytes : Buffer.concat([left, bytes])
      const messages: Message[] = []
      for (let message = next(); message; message = next()) messages.push(message)
      return messages
    },
  }
}

/** Ends what a client asks at once, and is answered by one ReadyForQuery. */
export const endsBatch = ({ type }: Message) => type === 'S' || type === 'Q'
/** The client waits for the answer to what it said so far. */
export const isFlush = ({ type }: Message) => type === 'H'
export const isReady = ({ type }: Message) => type === 'Z'

/** What ReadyForQuery says: I idle, T in a transaction, E in a failed one. */
export const statusOf = ({ bytes }: Message) => String.fromCharCode(bytes[5] ?? 0)

/** The statement that a message prepares or runs; null: it has none. */
export function statementOf({ type, bytes }: Message): string | null {
  if (type === 'Q') return bytes.toString('utf8', 5, bytes.length - 1)
  if (type !== 'P') return null
  const name = bytes.indexOf(0, 5)
  return bytes.toString('utf8', name + 1, bytes.indexOf(0, name + 1))
}

/** The name under which a message prepares a statement, or of the one that it binds. */
export function statementName({ type, bytes }: Message): string | null {
  if (type === 'P') return bytes.toString('utf8', 5, bytes.indexOf(0, 5))
  if (type !== 'B') return null
  const portal = bytes.indexOf(0, 5)
  return bytes.toString('utf8', portal + 1, bytes.indexOf(0, portal + 1))
}

export function errorResponse(code: string, message: string): Buffer {
  const fields = Buffer.from(`SERROR\0VERROR\0C${code}\0M${message}\0\0`)
  return framed('E', fields)
}

export const readyForQuery = (status: string): Buffer => framed('Z', Buffer.from(status))

function framed(type: string, content: Buffer): Buffer {
  const head = Buffer.alloc(5)
  head.write(type)
  head.writeInt32BE(content.length + 4, 1)
  return Buffer.concat([head, content])
}
