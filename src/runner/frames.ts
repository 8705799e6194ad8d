// How messages travel between a worker and its child process, both ways: a length, a kind, the number of the call they are
// about, and bytes. Both sides use this file. Pure.

/** Length, kind and call; the length counts what stands behind itself. */
const lengthBytes = 4
const headBytes = 1 + 6
const bodyAt = lengthBytes + headBytes
// As they were before code of a function could change them.
const { allocUnsafe, byteLength } = Buffer

export interface Frame {
  kind: number
  call: number
  body: Buffer
}

/** `before`: bytes of the body that the caller fills in front of the text. */
export function encodeFrame(kind: number, call: number, text = '', before = 0): Buffer {
  const textBytes = byteLength(text)
  const frame = allocUnsafe(bodyAt + before + textBytes)
  frame.writeUInt32LE(headBytes + before + textBytes, 0)
  frame.writeUInt8(kind, lengthBytes)
  frame.writeUIntLE(call, lengthBytes + 1, 6)
  frame.write(text, bodyAt + before)
  return frame
}

/** Where the body of an encoded frame begins. */
export const frameBodyAt = bodyAt

/** Takes what arrives, however it is cut; false: it is no frame, or a longer one than is allowed, and nothing more is read. */
export function createDecoder(maxBytes: number, take: (frame: Frame) => void): (chunk: Buffer) => boolean {
  let waiting: Buffer[] = []
  let waitingBytes = 0
  let wantedBytes = lengthBytes
  let broken = false

  function read(all: Buffer): void {
    let at = 0
    wantedBytes = lengthBytes
    while (all.length - at >= lengthBytes) {
      const length = all.readUInt32LE(at)
      broken = length < headBytes || length > maxBytes
      if (broken) return
      wantedBytes = lengthBytes + length
      if (all.length - at < wantedBytes) break
      const kind = all.readUInt8(at + lengthBytes)
      const call = all.readUIntLE(at + lengthBytes + 1, 6)
      take({ kind, call, body: all.subarray(at + bodyAt, at + wantedBytes) })
      at += wantedBytes
      wantedBytes = lengthBytes
    }
    waiting = at < all.length ? [all.subarray(at)] : []
    waitingBytes = all.length - at
  }

  return chunk => {
    if (broken) return false
    if (waiting.length === 0) read(chunk)
    else {
      waiting.push(chunk)
      waitingBytes += chunk.length
      // A long frame is put together once, when all of it is there.
      if (waitingBytes >= wantedBytes) read(Buffer.concat(waiting))
    }
    return !broken
  }
}
