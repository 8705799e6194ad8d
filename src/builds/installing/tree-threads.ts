// Looks through an installed tree, and packs one, in threads of their own; aborting ends them at once.
import { Worker } from 'node:worker_threads'
import type { Packed, Packing } from './pack-thread.ts'
import type { Look, Seen } from './tree-thread.ts'

export function lookThrough(look: Look, signal: AbortSignal): Promise<Seen> {
  return inThread<Look, Seen>('./tree-thread.ts', look, signal)
}

export function pack(packing: Packing, signal: AbortSignal): Promise<Packed> {
  return inThread<Packing, Packed>('./pack-thread.ts', packing, signal)
}

async function inThread<Order, Answer>(file: string, order: Order, signal: AbortSignal): Promise<Answer> {
  signal.throwIfAborted()
  const thread = new Worker(new URL(file, import.meta.url), { env: {} })
  const answer = Promise.withResolvers<Answer>()
  const abort = () => answer.reject(signal.reason)
  thread.once('message', answer.resolve)
  thread.once('error', answer.reject)
  thread.once('exit', code => answer.reject(new Error(`${file} ended with ${code} and no answer`)))
  signal.addEventListener('abort', abort, { once: true })
  thread.postMessage(order)
  try {
    return await answer.promise
  } finally {
    signal.removeEventListener('abort', abort)
    await thread.terminate()
  }
}
