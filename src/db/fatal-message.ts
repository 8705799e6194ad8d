// The last thing PostgreSQL says on a connection that it ends, also on one that it refuses. The driver keeps it for the
// statement that was under way, and tells it to the first one on the next connection instead, which it then does not run.

const terminated = Buffer.from('VFATAL\0')
const errorResponse = 0x45 // E
const fields: Record<string, string> = { C: 'code', M: 'message', D: 'detail', H: 'hint', V: 'severity' }

export interface Fatal {
  /** Where it begins in the bytes; nothing comes after it. */
  at: number
  error: Error
}

export function readFatal(bytes: Buffer): Fatal | null {
  // It ends with two zeros, which no answer to a statement does.
  if (bytes.length < 8 || bytes.readUInt16BE(bytes.length - 2) !== 0) return null
  const severity = bytes.lastIndexOf(terminated)
  for (let at = bytes.lastIndexOf(errorResponse, severity); at >= 0 && severity >= 0; ) {
    if (at + 1 + bytes.readUInt32BE(at + 1) === bytes.length) return { at, error: toError(bytes, at + 5) }
    if (at === 0) break
    at = bytes.lastIndexOf(errorResponse, at - 1)
  }
  return null
}

function toError(bytes: Buffer, from: number): Error {
  const said: Record<string, string> = {}
  for (let at = from; at < bytes.length - 1; ) {
    const end = bytes.indexOf(0, at)
    const name = fields[String.fromCharCode(bytes[at] ?? 0)]
    if (name) said[name] = bytes.toString('utf8', at + 1, end)
    at = end + 1
  }
  return Object.assign(new Error(said.message), said, { name: 'PostgresError' })
}
