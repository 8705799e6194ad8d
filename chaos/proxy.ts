// Between one process and PostgreSQL: a unix socket that passes everything on, until it is told to cut, delay or fall silent,
// or to spoil a statement. Faults happen to the connections of this process only.
import { createServer, connect as dial, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Conversation, createConversation } from './conversation.ts'
import type { Cut, StatementFault } from './schedule.ts'

export interface DatabaseProxy {
  /** The folder of its socket, as a database's address has it. */
  folder: string
  cut(how: Cut, ms: number): Promise<void>
  /** The next statement with `like` in it meets this. */
  spoil(fault: StatementFault, like: string): void
  spoiled(): number
  /** Undoes everything. */
  heal(): void
  close(): Promise<void>
}

interface Pair {
  client: Socket
  server: Socket
  conversation: Conversation
}

interface State {
  pairs: Set<Pair>
  /** Nothing passes. */
  silent: boolean
  delayMs: number
  /** What is on its way to whom, the newest. */
  delayed: Map<Socket, Promise<void>>
  waiting: { fault: StatementFault; like: string }[]
  spoiled: number
}

export async function openProxy(folder: string, target: string): Promise<DatabaseProxy> {
  const state: State = {
    pairs: new Set(),
    silent: false,
    delayMs: 0,
    delayed: new Map(),
    waiting: [],
    spoiled: 0,
  }
  const server = createServer({ allowHalfOpen: true }, client => join(state, client, target))
  await new Promise<void>(resolve => server.listen(`${folder}/.s.PGSQL.5432`, resolve))
  return {
    folder,
    cut: (how, ms) => cut(state, how, ms),
    spoil: (fault, like) => void state.waiting.push({ fault, like }),
    spoiled: () => state.spoiled,
    heal() {
      state.waiting = []
      state.delayMs = 0
      state.silent = false
      for (const pair of state.pairs) resume(pair)
    },
    close: () => close(state, server),
  }
}

function join(state: State, client: Socket, target: string): void {
  const server = dial({ path: target, allowHalfOpen: true })
  const pair: Pair = { client, server, conversation: createConversation(text => takeFault(state, text)) }
  state.pairs.add(pair)
  const { conversation } = pair
  client.on('data', bytes => {
    const { toServer, toClient, end } = conversation.asked(bytes)
    pass(state, server, toServer)
    pass(state, client, toClient)
    if (end) destroy(pair)
  })
  server.on('data', bytes => {
    const { toClient, end } = conversation.answered(bytes)
    if (end) destroy(pair)
    else pass(state, client, toClient)
  })
  for (const [one, other] of [
    [client, server],
    [server, client],
  ] as const) {
    one.on('end', () => other.end())
    one.on('error', () => destroy(pair))
    one.on('close', () => {
      state.pairs.delete(pair)
      other.destroySoon()
    })
  }
  if (state.silent) pause(pair)
}

function takeFault(state: State, text: string): StatementFault | null {
  const index = state.waiting.findIndex(({ fault, like }) => fits(fault, like, text))
  if (index < 0) return null
  state.spoiled += 1
  return state.waiting.splice(index, 1)[0]?.fault ?? null
}

// Their errors are PostgreSQL's own affair: a transaction that could not begin or end is one whose connection broke. And no server
// refuses what the driver asks for itself on each new connection, which array types there are.
const bounds = /^\s*(begin|commit|rollback|savepoint|release|listen|unlisten|select b\.oid, b\.typarray)/i

function fits(fault: StatementFault, like: string, text: string): boolean {
  const lower = text.toLowerCase()
  if (fault.startsWith('error') && (bounds.test(lower) || /;\s*commit/.test(lower))) return false
  return like === '' || lower.includes(like)
}

function pass(state: State, to: Socket, bytes: Buffer): void {
  if (bytes.length === 0 || to.destroyed) return
  // What comes when the delay is over does not overtake what it held up.
  const before = state.delayed.get(to)
  if (state.delayMs === 0 && before === undefined) return void to.write(bytes)
  const own = Promise.all([before, sleep(state.delayMs)]).then(() => {
    if (state.delayed.get(to) === own) state.delayed.delete(to)
    if (!to.destroyed) to.write(bytes)
  })
  state.delayed.set(to, own)
}

async function cut(state: State, how: Cut, ms: number): Promise<void> {
  if (how === 'reset') {
    for (const pair of state.pairs) destroy(pair)
    return
  }
  if (how === 'half_close') {
    // What the clients say still arrives; they are told that nothing more will come back.
    for (const { client } of state.pairs) client.end()
    return
  }
  if (how === 'delay') state.delayMs = Math.min(500, Math.ceil(ms / 10))
  else state.silent = true
  if (how === 'silence') for (const pair of state.pairs) pause(pair)
  await sleep(ms)
  state.delayMs = 0
  if (how !== 'silence') return
  state.silent = false
  // As when a cable is plugged in again after the other side has given up.
  for (const pair of state.pairs) destroy(pair)
}

function pause({ client, server }: Pair): void {
  client.pause()
  server.pause()
}

function resume({ client, server }: Pair): void {
  client.resume()
  server.resume()
}

function destroy({ client, server }: Pair): void {
  client.destroy()
  server.destroy()
}

async function close(state: State, server: Server): Promise<void> {
  for (const pair of state.pairs) destroy(pair)
  await new Promise(resolve => server.close(resolve))
}
