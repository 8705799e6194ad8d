// Unpacks a compressed tarball into a new folder. Nothing is to be seen there before all of it is, and nothing stays after a
// refusal. Done in a thread of its own: a large archive must not hold up the process, and a build's abort ends it at once.
import { mkdir, rename, rm } from 'node:fs/promises'
import { Worker } from 'node:worker_threads'
import { defaultLimits, type Limits } from './entries.ts'
import { uploadLimits } from './refusals.ts'
import type { Unpacked, Unpacking } from './unpack.ts'

export function extract(
  archive: string,
  to: string,
  signal: AbortSignal,
  limits: Limits = defaultLimits,
  compression: Unpacking['compression'] = 'gzip',
): Promise<Unpacked> {
  return extractInto(to, { archive, limits, compression, packer: 'host' }, signal)
}

/** What somebody uploads: stricter (no links, no settings of package managers), and nothing is taken for a top folder. */
export function extractUpload(
  archive: string,
  to: string,
  signal: AbortSignal,
  limits: Limits = uploadLimits,
): Promise<Unpacked> {
  return extractInto(to, { archive, limits, compression: 'gzip', packer: 'uploader' }, signal)
}

async function extractInto(to: string, asked: Omit<Unpacking, 'to'>, signal: AbortSignal): Promise<Unpacked> {
  const partial = `${to}.partial`
  await mkdir(partial, { mode: 0o700 })
  try {
    const unpacked = await inThread({ ...asked, to: partial }, signal)
    if (unpacked.kind === 'unpacked') await rename(partial, to)
    return unpacked
  } finally {
    await rm(partial, { recursive: true, force: true })
  }
}

async function inThread(unpacking: Unpacking, signal: AbortSignal): Promise<Unpacked> {
  signal.throwIfAborted()
  const thread = takeThread()
  const answer = new Promise<Unpacked>((resolve, reject) => {
    thread.once('message', resolve)
    thread.once('error', reject)
    thread.once('exit', code => reject(new Error(`the unpacking thread ended with ${code} and no answer`)))
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
  thread.postMessage(unpacking)
  try {
    return await answer
  } finally {
    await thread.terminate()
    setTimeout(prepareThread, quietMs).unref()
  }
}

// Starting a thread takes longer than unpacking most repositories: one waits for the next archive, which no other one saw. It is
// started when the build that needed the last one has most of its work behind it.
const quietMs = 3_000
let waiting: Worker | null = null

function takeThread(): Worker {
  const thread = waiting ?? startThread()
  waiting = null
  thread.removeAllListeners()
  thread.ref()
  return thread
}

function prepareThread(): void {
  if (waiting) return
  const thread = startThread()
  const forget = () => {
    if (waiting === thread) waiting = null
  }
  thread.once('error', forget)
  thread.once('exit', forget)
  thread.unref() // nobody's process waits for it
  waiting = thread
}

function startThread(): Worker {
  return new Worker(new URL('./unpack-thread.ts', import.meta.url), {
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: 256 },
  })
}
