// SQL of what functions said.
import { sql } from 'drizzle-orm'
import type { Db } from '../db/client.ts'
import type { LogPart } from './log-parts.ts'

/** All of them in one statement. */
export async function insertParts(db: Db, parts: readonly LogPart[]): Promise<void> {
  const column = <K extends keyof LogPart>(name: K) => sql.param(parts.map(part => part[name]))
  await db.execute(sql`
    insert into attempt_logs (execution_id, attempt, part, lines)
    select * from unnest(
      ${column('executionId')}::uuid[], ${column('attempt')}::int[], ${column('part')}::int[], ${column('lines')}::text[]
    )
  `)
}

export interface PartKey {
  attempt: number
  part: number
}

/** In order, from behind that key on; of a part that was stored twice, one. */
export async function findParts(
  db: Db,
  executionId: string,
  after: PartKey,
  limit: number,
): Promise<(PartKey & { lines: string })[]> {
  return db.execute<{ attempt: number; part: number; lines: string }>(sql`
    select distinct on (attempt, part) attempt, part, lines
    from attempt_logs
    where execution_id = ${executionId} and (attempt, part) > (${after.attempt}, ${after.part})
    order by attempt, part
    limit ${limit}
  `)
}

/** The last ones of the newest attempt, in order. */
export async function findLastParts(
  db: Db,
  executionId: string,
  limit: number,
): Promise<{ lines: string }[]> {
  const rows = await db.execute<{ lines: string }>(sql`
    select distinct on (attempt, part) lines
    from attempt_logs
    where execution_id = ${executionId}
      and attempt = (select max(attempt) from attempt_logs where execution_id = ${executionId})
    order by attempt desc, part desc
    limit ${limit}
  `)
  return [...rows].reverse()
}
