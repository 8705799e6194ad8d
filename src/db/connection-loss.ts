// What postgres.js (3.4.9) does wrong when a connection breaks, put right around it. Without this a broken connection
// - ends our process: the `rollback` of its transaction is written to a socket that is gone, outside of any promise (its #1154),
// - lets the rest of a dead transaction run inside another's, on the connection that was opened in its place (#1155, #1216),
// - leaves a query waiting for ever, or the connection unable to come back: what was written between the socket's error and
//   its close is neither sent nor refused, and stands in front of the next start-up message (#1215).
// - ends our process when a connection breaks while it asks, for itself, which array types there are.
// - tells the first statement on the new connection what PostgreSQL said on the old one, and does not run it.
// So nothing is said to a connection that is known to be gone, the driver hears of a loss in the moment it is known, always as one
// that refuses what is still open (open-socket.ts), and of what PostgreSQL said last as of that loss (fatal-message.ts).
import { setImmediate as aTurn, setTimeout as sleep } from 'node:timers/promises'
import type postgres from 'postgres'

// Of PostgreSQL: it ends the connection with these (class 57P, 25P03, 25P04); of Node and the driver: it has ended.
const lost =
  /^(57P0\d|25P0[34]|CONNECTION_(CLOSED|DESTROYED|ENDED)|ECONNRESET|EPIPE|ETIMEDOUT|ERR_STREAM_DESTROYED)$/

export function isLoss(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause)
    if ('code' in at && lost.test(String(at.code))) return true
  return false
}

/** For promises that nobody holds: of a lost connection they tell what its users are told, too. Others end the process. */
export function tolerateLoss(error: unknown): void {
  if (!isLoss(error)) throw error
}

// The close of a connection follows the error that announces it within moments.
const closeWithinMs = 5_000

type Begin = <T>(work: (sql: postgres.TransactionSql) => Promise<T>) => Promise<T>

/** Replaces `begin`: the transaction of a connection that is gone is over, and says nothing any more. */
export function guardTransactions(driver: postgres.Sql): void {
  const begin = driver.begin.bind(driver) as Begin // without options, as drizzle calls it
  const guarded: Begin = work => {
    const over = Promise.withResolvers<void>()
    const state = { isOver: false, over: over.promise }
    const done = begin(sql => within(state, sql, work))
    const end = () => {
      state.isOver = true
      over.resolve()
    }
    done.then(end, end)
    return done
  }
  Object.assign(driver, { begin: guarded })
}

interface State {
  isOver: boolean
  over: Promise<void>
}

/** Where the connection is gone this never settles, so that the driver does not come to its `rollback`. */
async function within<T>(
  state: State,
  sql: postgres.TransactionSql,
  work: (sql: postgres.TransactionSql) => Promise<T>,
): Promise<T> {
  try {
    const result = await work(refusing(state, sql))
    if (state.isOver) return await forever()
    return result
  } catch (error) {
    if (isLoss(error)) await Promise.race([state.over, sleep(closeWithinMs, undefined, { ref: false })])
    else await aTurn()
    if (state.isOver) return await forever()
    throw error
  }
}

const forever = () => new Promise<never>(() => {})

/** The same connection, which takes no statement once its transaction is over. */
function refusing(state: State, sql: postgres.TransactionSql): postgres.TransactionSql {
  const refuse = () => {
    if (!state.isOver) return
    throw Object.assign(new Error('The connection of this transaction was lost.'), {
      code: 'CONNECTION_CLOSED',
    })
  }
  return new Proxy(sql, {
    apply(target, self, args) {
      refuse()
      return Reflect.apply(target, self, args)
    },
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      if (name === 'savepoint') return (work: Parameters<Begin>[0]) => savepoint(state, sql, work)
      if (name !== 'unsafe' || typeof value !== 'function') return value
      return (...args: unknown[]) => {
        refuse()
        return Reflect.apply(value, target, args)
      }
    },
  })
}

function savepoint<T>(
  state: State,
  sql: postgres.TransactionSql,
  work: (sql: postgres.TransactionSql) => Promise<T>,
): Promise<unknown> {
  return sql.savepoint(inner => within(state, inner, work))
}
