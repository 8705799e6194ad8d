// Unpacks a gzipped tarball into a new folder. Nothing is to be seen there before all of it is, and nothing stays after a
// refusal. Done in a thread of its own: a large archive must not hold up the process, and a build's abort ends it at once.
import { mkdir, rename, rm } from 'node:fs/promises'
import { Worker } from 'node:worker_threads'
import { defaultLimits, type Limits } from './entries.ts'
import type { Unpacked, Unpacking } from './unpack-thread.ts'

export async function extract(
  archive: string,
  to: string,
  signal: AbortSignal,
  limits: Limits = defaultLimits,
): Promise<Unpacked> {
  const partial = `${to}.partial`
  await mkdir(partial, { mode: 0o700 })
  try {
    const unpacked = await inThread({ archive, to: partial, limits }, signal)
    if (unpacked.kind === 'unpacked') await rename(partial, to)
    return unpacked
  } finally {
    await rm(partial, { recursive: true, force: true })
  }
}

async function inThread(unpacking: Unpacking, signal: AbortSignal): Promise<Unpacked> {
  signal.throwIfAborted()
  const thread = new Worker(new URL('./unpack-thread.ts', import.meta.url), {
    workerData: unpacking,
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: 256 },
  })
  const answer = new Promise<Unpacked>((resolve, reject) => {
    thread.once('message', resolve)
    thread.once('error', reject)
    thread.once('exit', code => reject(new Error(`the unpacking thread ended with ${code} and no answer`)))
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
  try {
    return await answer
  } finally {
    await thread.terminate()
  }
}
