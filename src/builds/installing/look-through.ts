// Looks through an installed tree in a thread of its own; aborting ends it at once.
import { Worker } from 'node:worker_threads'
import type { Look, Seen } from './tree-thread.ts'

export async function lookThrough(look: Look, signal: AbortSignal): Promise<Seen> {
  signal.throwIfAborted()
  const thread = new Worker(new URL('./tree-thread.ts', import.meta.url), { env: {} })
  const seen = Promise.withResolvers<Seen>()
  const abort = () => seen.reject(signal.reason)
  thread.once('message', seen.resolve)
  thread.once('error', seen.reject)
  thread.once('exit', code =>
    seen.reject(new Error(`the thread that looks ended with ${code} and no answer`)),
  )
  signal.addEventListener('abort', abort, { once: true })
  thread.postMessage(look)
  try {
    return await seen.promise
  } finally {
    signal.removeEventListener('abort', abort)
    await thread.terminate()
  }
}
