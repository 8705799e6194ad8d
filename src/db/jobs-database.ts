// Our pool as pg-boss sees a database. Its statements with values go through its own drizzle adapter; its maintenance comes
// as scripts of several statements with their own transaction, which need a connection for themselves; and it may listen.
import { DrizzleQueryError, sql } from 'drizzle-orm'
import { fromDrizzle, type Db as JobsDatabase } from 'pg-boss'
import type { Database } from './client.ts'
import { isLoss } from './connection-loss.ts'

export function jobsDatabase(database: Database): JobsDatabase {
  const statements = fromDrizzle(database.db, sql)
  return {
    executeSql: (text, values) =>
      values && values.length > 0
        ? statements.executeSql(text, values.map(toParameter)).catch(rethrowCause)
        : runScript(database, text),
    async listen(channel, notify, ready) {
      const subscription = await database.driver.listen(channel, notify, ready)
      return { close: () => subscription.unlisten() }
    },
  }
}

/** drizzle took the driver's JSON serializer away, and pg-boss hands over what a job threw or returned as an object. */
function toParameter(value: unknown): unknown {
  const isJson =
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
  return isJson ? JSON.stringify(value) : value
}

/** pg-boss tells by the driver's code that another process was faster, which is no error. */
function rethrowCause(error: unknown): never {
  throw error instanceof DrizzleQueryError && error.cause ? error.cause : error
}

async function runScript({ driver }: Database, text: string) {
  const connection = await driver.reserve()
  try {
    const result = await connection.unsafe(text).simple()
    connection.release()
    // Of one statement its rows, of several the rows of each.
    return { rows: result.every(Array.isArray) ? result.flat() : [...result] }
  } catch (error) {
    // A lost connection is the pool's again already: it must be told nothing, and not be given back a second time.
    if (isLoss(error)) throw error
    await connection.unsafe('rollback') // the script's own transaction, where it had begun one
    connection.release()
    throw error
  }
}
