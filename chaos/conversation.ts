// One connection's conversation with PostgreSQL, and the fault that one batch of it meets. Of a batch that is spoiled before,
// nothing reaches the server; of one that is spoiled after, it is all done and the answer is lost. Pure: bytes in, bytes out.
import type { StatementFault } from './schedule.ts'
import {
  createFramer,
  endsBatch,
  errorResponse,
  isFlush,
  isReady,
  type Message,
  readyForQuery,
  statementName,
  statementOf,
  statusOf,
} from './wire.ts'

export interface Passed {
  toServer: Buffer
  toClient: Buffer
  /** The connection breaks here. */
  end: boolean
}

export interface Conversation {
  asked(bytes: Buffer): Passed
  answered(bytes: Buffer): Passed
}

const nothing = Buffer.alloc(0)
const refusal = () => errorResponse('40001', 'could not serialize access (as chaos wants it)')

export function createConversation(takeFault: (statement: string) => StatementFault | null): Conversation {
  const [fromClient, fromServer] = [createFramer(true), createFramer(false)]
  const prepared = new Map<string, string>()
  let batch: Message[] = []
  let status = ''
  /** Batches without an answer yet; the start-up is one. */
  let open = 1
  let spoiling: StatementFault | null = null
  /** What of the batch is with the server already, because the client asked for an answer to its first part. */
  let begun = ''

  function textOf(messages: Message[]): string {
    return messages
      .map(message => {
        const [name, text] = [statementName(message), statementOf(message)]
        if (name !== null && text !== null) prepared.set(name, text)
        return text ?? prepared.get(name ?? '') ?? ''
      })
      .join(';')
  }

  function ask(messages: Message[]): Passed {
    const toServer = Buffer.concat(messages.map(one => one.bytes))
    const text = begun + textOf(messages)
    const fault = open === 0 && text !== '' ? takeFault(text) : null
    const inParts = begun !== ''
    begun = ''
    // The server waits for the rest of what it has the first part of.
    if (fault === 'cut_before' || (fault === 'error_before' && inParts))
      return { toServer: nothing, toClient: nothing, end: true }
    if (fault === 'error_before') {
      const toClient = Buffer.concat([refusal(), readyForQuery(status === 'I' ? 'I' : 'E')])
      return { toServer: nothing, toClient, end: false }
    }
    open += 1
    spoiling ??= fault
    return { toServer, toClient: nothing, end: false }
  }

  function askPart(messages: Message[]): Passed {
    begun += textOf(messages)
    return onlyToServer(Buffer.concat(messages.map(one => one.bytes)))
  }

  return {
    asked(bytes) {
      const passed: Passed[] = []
      for (const message of fromClient.push(bytes)) {
        if (message.type === '' || message.type === 'X') passed.push(onlyToServer(message.bytes))
        else {
          batch.push(message)
          if (isFlush(message)) passed.push(askPart(batch))
          else if (endsBatch(message)) passed.push(ask(batch))
          else continue
          batch = []
        }
      }
      return together(passed)
    },
    answered(bytes) {
      const passed: Buffer[] = []
      for (const message of fromServer.push(bytes)) {
        if (!isReady(message)) {
          if (spoiling === null) passed.push(message.bytes)
          continue
        }
        open -= 1
        status = statusOf(message)
        if (spoiling === 'cut_after') return { toServer: nothing, toClient: nothing, end: true }
        if (spoiling === 'error_after') passed.push(refusal())
        spoiling = null
        passed.push(message.bytes)
      }
      return { toServer: nothing, toClient: Buffer.concat(passed), end: false }
    },
  }
}

const onlyToServer = (toServer: Buffer): Passed => ({ toServer, toClient: nothing, end: false })

function together(passed: Passed[]): Passed {
  return {
    toServer: Buffer.concat(passed.map(one => one.toServer)),
    toClient: Buffer.concat(passed.map(one => one.toClient)),
    end: passed.some(one => one.end),
  }
}
