// Failures of the world that pass: the database or a disk is not there, full or not to be written, or statements stood in each
// other's way. Nobody's mistake; the same again may work. Answered 503, never 500.
import { isLoss } from './connection-loss.ts'
import { sqlStateOf } from './sql-state.ts'

// PostgreSQL's: connection (08), read-only (25006), deadlock and serialization (40), no room, no memory, no connections (53),
// a lock that was not to be had (55P03), shutting down or starting (57P), its own disk (58). Then the driver's and the system's.
const passing =
  /^(08...|25006|40(001|P01)|53...|55P03|57P0\d|58...|CONNECT_TIMEOUT|ECONNREFUSED|ENOENT|EAGAIN|ENOSPC|EDQUOT|EROFS|EIO|EMFILE|ENFILE)$/

export function isOutage(error: unknown): boolean {
  if (isLoss(error)) return true
  const code = sqlStateOf(error)
  if (code === null || !passing.test(code)) return false
  // A missing file is a mistake; the missing socket of a server that is down is not.
  return code !== 'ENOENT' || isOfConnecting(error)
}

function isOfConnecting(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause)
    if ('syscall' in at && at.syscall === 'connect') return true
  return false
}
