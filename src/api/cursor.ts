// Page cursors: a position, bound by a MAC to the list it belongs to, so that one made up, or of another tenant's list, is
// refused instead of answered with the wrong page. Opaque to callers.
import { createHmac, timingSafeEqual } from 'node:crypto'
import { AppError } from '../errors.ts'
import { keysIn } from '../master-key.ts'

export interface Cursors {
  write(position: number): string
  /** @throws AppError `malformed`. */
  read(cursor: string): number
}

/** `list` names what the positions are of: an environment's executions, an execution's attempts. */
export function createCursors(masterKey: string, list: string): Cursors {
  const keys = keysIn(masterKey)
  const proofOf = (position: string, key = keys[0]) =>
    createHmac('sha256', key).update(`cursor:${list}:${position}`).digest().subarray(0, 12)
  return {
    write(position) {
      return Buffer.concat([proofOf(`${position}`), Buffer.from(`${position}`)]).toString('base64url')
    },
    read(cursor) {
      const bytes = Buffer.from(cursor, 'base64url')
      const position = bytes.subarray(12).toString('latin1')
      const given = bytes.subarray(0, 12)
      const isOurs = keys.some(key => {
        const proof = proofOf(position, key)
        return given.length === proof.length && timingSafeEqual(given, proof)
      })
      if (isOurs) return Number(position)
      throw new AppError('malformed', 'The cursor is not one of this list. Use one of its page_info.')
    },
  }
}
