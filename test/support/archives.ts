// Archives written by hand, byte by byte: those that no honest tar program makes.
import { gzipSync } from 'node:zlib'

export interface Member {
  path: string
  /** '0' file, '1' hard link, '2' symbolic link, '3' device, '5' folder, 'x' and 'g' PAX headers, 'L' and 'K' long names. */
  type?: string
  content?: string | Buffer
  linkpath?: string
  mode?: number
  /** What the header says of the size, where that is not the content's. */
  size?: number
  /** The size as GNU tar writes what is too large for octal digits, or negative. */
  base256?: bigint
}

export function archive(...members: Member[]): Buffer {
  return gzipSync(tarball(...members))
}

export function tarball(...members: Member[]): Buffer {
  return Buffer.concat([...members.map(block), Buffer.alloc(1024)])
}

/** A PAX header for the member that follows. */
export function pax(records: Record<string, string>, type = 'x'): Member {
  const content = Buffer.concat(Object.entries(records).map(([key, value]) => paxRecord(key, value)))
  return { path: 'pax', type, content }
}

function paxRecord(key: string, value: string): Buffer {
  const rest = Buffer.from(` ${key}=${value}\n`)
  let length = rest.length
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length
  return Buffer.concat([Buffer.from(String(length)), rest])
}

function block({
  path,
  type = '0',
  content = '',
  linkpath = '',
  mode = 0o644,
  size,
  base256,
}: Member): Buffer {
  const body = Buffer.from(content)
  const header = Buffer.alloc(512)
  header.write(path, 0, 100)
  header.write(`${mode.toString(8).padStart(7, '0')}\0`, 100)
  header.write('0000000\0', 108)
  header.write('0000000\0', 116)
  header.write(`${(size ?? body.length).toString(8).padStart(11, '0')}\0`, 124)
  if (base256 !== undefined) header.set(inBase256(base256), 124)
  header.write('00000000000\0', 136)
  header.write('        ', 148)
  header.write(type, 156)
  header.write(linkpath, 157, 100)
  header.write('ustar\x0000', 257)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return Buffer.concat([header, body, Buffer.alloc((512 - (body.length % 512)) % 512)])
}

function inBase256(size: bigint): Buffer {
  const bytes = Buffer.alloc(12)
  for (let at = 11, rest = BigInt.asUintN(96, size); at >= 0; at--, rest >>= 8n)
    bytes[at] = Number(rest & 255n)
  bytes[0] = size < 0n ? 0xff : 0x80 | (bytes[0] ?? 0)
  return bytes
}
