// What Sluice's database says of builds, and of work that is left: the only place of these runs that knows its tables.
import { sql } from 'drizzle-orm'
import { connect } from '../../src/db/client.ts'
import type { Build } from './facts.ts'

export interface StateStore {
  builds(): Promise<Build[]>
  /** Nothing is: no delivery, no build, no report that is behind. */
  isAtRest(): Promise<boolean>
  close(): Promise<void>
}

export function openState(url: string): StateStore {
  const { db, close } = connect(url, { max: 2, name: 'chaos' })
  return {
    builds: async () => [
      ...(await db.execute<Build & Record<string, unknown>>(sql`
        select b.id, e.name as environment, b.sha, b.state, e.active_build_id = b.id as live
        from builds b join environments e on e.id = b.environment_id`)),
    ],
    async isAtRest() {
      const [row] = await db.execute<{ left: number }>(sql`
        select (select count(*) from deliveries where processed_at is null)
          + (select count(*) from builds where finished_at is null)
          + (select count(*) from reports where written < wanted) as left`)
      return Number(row?.left ?? 1) === 0
    },
    close,
  }
}
