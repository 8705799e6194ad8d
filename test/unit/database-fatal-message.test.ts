// What PostgreSQL says last on a connection, found in what arrives (src/db/fatal-message.ts).
import { expect, test } from 'vitest'
import { isLoss } from '../../src/db/connection-loss.ts'
import { readFatal } from '../../src/db/fatal-message.ts'

function message(type: string, body: string): Buffer {
  const bytes = Buffer.alloc(5 + Buffer.byteLength(body))
  bytes.write(type)
  bytes.writeUInt32BE(4 + Buffer.byteLength(body), 1)
  bytes.write(body, 5)
  return bytes
}

const said = (severity: string, code: string) =>
  message('E', `S${severity}\0V${severity}\0C${code}\0Mterminating EEE connection\0Fpostgres.c\0L3407\0\0`)
const rows = message('D', '\0\u0001\0\0\0\u0004EEEE')

test('the connection is ended: its code, its words, and where they begin', () => {
  const fatal = readFatal(Buffer.concat([rows, rows, said('FATAL', '57P01')]))
  expect(fatal?.at).toBe(2 * rows.length)
  expect(fatal?.error).toMatchObject({
    name: 'PostgresError',
    code: '57P01',
    message: 'terminating EEE connection',
    severity: 'FATAL',
  })
  expect(isLoss(fatal?.error)).toBe(true)
})

test('a refused connection says why, and that is no loss', () => {
  const fatal = readFatal(said('FATAL', '28P01'))
  expect(fatal?.at).toBe(0)
  expect(isLoss(fatal?.error)).toBe(false)
})

test('an error of a statement ends nothing, nor do answers', () => {
  const ready = message('Z', 'I')
  expect(readFatal(Buffer.concat([said('ERROR', '22012'), ready]))).toBeNull()
  expect(readFatal(said('ERROR', '22012'))).toBeNull()
  expect(readFatal(rows)).toBeNull()
  expect(readFatal(Buffer.concat([rows, message('C', 'SELECT 1\0'), ready]))).toBeNull()
  expect(readFatal(Buffer.from('N'))).toBeNull()
  expect(readFatal(message('D', 'VFATAL\0\0\0'))).toBeNull()
})
