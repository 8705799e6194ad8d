// Whether PostgreSQL owes an answer, read from what passes on a connection: what tells one that has fallen silent from one
// that has nothing to say. Each Sync and each simple query is answered, at last, by one ReadyForQuery; notices and
// notifications come at any time and answer nothing. Only the heads of messages are looked at.

const sync = 0x53 // S
const simpleQuery = 0x51 // Q
const readyForQuery = 0x5a // Z
const headBytes = 5
const nothing = Buffer.alloc(0)

export interface OwedAnswers {
  /** Whole messages, after the start-up message. */
  asked(bytes: Buffer): void
  answered(bytes: Buffer): void
  any(): boolean
}

/** Of a connection that is being opened: its start-up message is owed a ReadyForQuery, too. */
export function createOwedAnswers(): OwedAnswers {
  const questions = createCounter(type => type === sync || type === simpleQuery)
  const answers = createCounter(type => type === readyForQuery)
  let owed = 1
  // What is asked for its description first is sent without a Sync.
  let described = true
  return {
    asked(bytes) {
      const count = questions(bytes)
      owed += count
      if (count === 0) described = false
    },
    answered(bytes) {
      owed = Math.max(0, owed - answers(bytes))
      described = true
    },
    any: () => owed > 0 || !described,
  }
}

/** How many messages of a kind begin in the next bytes of a stream, which may be cut anywhere. */
function createCounter(isCounted: (type: number | undefined) => boolean): (bytes: Buffer) => number {
  let head = nothing
  let bodyLeft = 0
  return bytes => {
    const rest = head.length > 0 ? Buffer.concat([head, bytes]) : bytes
    let at = bodyLeft
    let count = 0
    for (; at + headBytes <= rest.length; at += 1 + rest.readUInt32BE(at + 1))
      if (isCounted(rest[at])) count++
    bodyLeft = Math.max(0, at - rest.length)
    head = at < rest.length ? Buffer.from(rest.subarray(at)) : nothing
    return count
  }
}
