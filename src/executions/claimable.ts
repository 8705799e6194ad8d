// The condition under which executions of a function may start, over the aliases f (functions) and e (environments): said
// once, used by claims and counts. Pausing, archiving and draining change a row each and rewrite no execution.
import { sql } from 'drizzle-orm'

export const claimable = sql`
  f.state = 'active' and f.archived_at is null
  and e.mode = 'normal' and e.closed_at is null
  and not exists (
    select from overlays o
    where o.environment_id = e.id
      and (o.function_id is null or o.function_id = f.id)
      and o.kind = 'pause'
      and o.lifted_at is null
      and (o.until is null or o.until > now())
  )
`
