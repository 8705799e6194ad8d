// Bytes from a response to a file or a text, never more of them than agreed, and never all in memory at once.
import { createWriteStream } from 'node:fs'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { AppError } from '../../errors.ts'

export async function download(
  body: unknown,
  to: string,
  maxBytes: number,
  signal: AbortSignal,
): Promise<void> {
  await pipeline(Readable.from(chunksOf(body)), limit(maxBytes), createWriteStream(to, { mode: 0o600 }), {
    signal,
  })
}

function limit(maxBytes: number): Transform {
  let seen = 0
  return new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      seen += chunk.byteLength
      if (seen <= maxBytes) return done(null, chunk)
      done(new AppError('too_large', `The archive is larger than ${maxBytes} bytes; remove large files.`))
    },
  })
}

/** Null: there is more than `maxBytes`; the rest is not read. */
export async function readText(body: unknown, maxBytes: number): Promise<string | null> {
  const chunks: Uint8Array[] = []
  let seen = 0
  for await (const chunk of chunksOf(body)) {
    seen += chunk.byteLength
    if (seen > maxBytes) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** Leaving the loop early cancels the response. An empty file has no body at all. */
async function* chunksOf(body: unknown): AsyncGenerator<Uint8Array> {
  if (!(body instanceof ReadableStream)) return
  for await (const chunk of body) if (chunk instanceof Uint8Array) yield chunk
}
