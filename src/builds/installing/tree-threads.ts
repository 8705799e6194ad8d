// Looks through an installed tree, and packs one, in threads of their own; aborting ends them at once.
import { Worker } from 'node:worker_threads'
import type { Packed, Packing } from './pack-thread.ts'
import type { Look, Seen } from './tree-thread.ts'

// Starting a thread takes a third of a look that reads nothing: the thread of the last one waits for the next.
let waiting: Worker | null = null

export async function lookThrough(look: Look, signal: AbortSignal): Promise<Seen> {
  signal.throwIfAborted()
  const thread = waiting ?? start('./tree-thread.ts')
  waiting = null
  thread.ref()
  const seen = await answerOf<Look, Seen>(thread, look, signal).catch(error => end(thread, error))
  // One that has read holds on to what it needed for that.
  if (look.read || waiting !== null) await thread.terminate()
  else keep(thread)
  return seen
}

function keep(thread: Worker): void {
  const forget = () => {
    if (waiting === thread) waiting = null
  }
  thread.once('error', forget)
  thread.once('exit', forget)
  thread.unref() // nobody's process waits for it
  waiting = thread
}

async function end(thread: Worker, error: unknown): Promise<never> {
  await thread.terminate()
  throw error
}

export function pack(packing: Packing, signal: AbortSignal): Promise<Packed> {
  return inThread<Packing, Packed>('./pack-thread.ts', packing, signal)
}

async function inThread<Order, Answer>(file: string, order: Order, signal: AbortSignal): Promise<Answer> {
  signal.throwIfAborted()
  const thread = start(file)
  try {
    return await answerOf<Order, Answer>(thread, order, signal)
  } finally {
    await thread.terminate()
  }
}

function start(file: string): Worker {
  return new Worker(new URL(file, import.meta.url), { env: {} })
}

async function answerOf<Order, Answer>(thread: Worker, order: Order, signal: AbortSignal): Promise<Answer> {
  const answer = Promise.withResolvers<Answer>()
  const abort = () => answer.reject(signal.reason)
  thread.removeAllListeners()
  thread.once('message', answer.resolve)
  thread.once('error', answer.reject)
  thread.once('exit', code => answer.reject(new Error(`a thread ended with ${code} and no answer`)))
  signal.addEventListener('abort', abort, { once: true })
  thread.postMessage(order)
  try {
    return await answer.promise
  } finally {
    signal.removeEventListener('abort', abort)
    thread.removeAllListeners()
  }
}
