// Statements that run for every execution: the text is made once, and each connection parses and plans it once, which costs
// more than most of them do. What differs from call to call are placeholders. How they are planned: client.ts, `planning`.
import { fillPlaceholders, type SQL } from 'drizzle-orm'
import { PgDialect } from 'drizzle-orm/pg-core'
import type { Db, Tx } from './client.ts'

const dialect = new PgDialect({ casing: 'snake_case' })
const prepared = 'prepared' // that it has a name is all the driver is told

export type Statement<Values, Row> = (db: Db | Tx, values: Values) => Promise<Row[]>

export function statement<Values extends Record<string, unknown>, Row>(text: SQL): Statement<Values, Row> {
  const query = dialect.sqlToQuery(text)
  return (db, values) =>
    db._.session
      .prepareQuery<{ execute: Row[]; all: unknown; values: unknown }>(
        { sql: query.sql, params: fillPlaceholders(query.params, values) },
        undefined,
        prepared,
        false,
      )
      .execute()
}
