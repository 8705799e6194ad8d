// Comments compare how long changed functions take. No event tells of an execution, there are too many: so now and then
// previews are looked at where something has run since.
import { commentsWithNewRuns } from '../../../builds/views/pull-view-store.ts'
import type { Db } from '../../../db/client.ts'
import type { Jobs } from '../../../db/jobs.ts'
import type { Log } from '../../../log.ts'
import { every, type Service } from '../../../service.ts'
import { refreshComments } from './branch-comments.ts'

interface Deps {
  db: Db
  jobs: Pick<Jobs, 'send'>
  log: Log
  roundMs?: number
}

export function createRunsWatch({ db, jobs, log, roundMs = 60_000 }: Deps): Service {
  return every('runs in previews', roundMs, log, async () =>
    refreshComments({ db, jobs }, await commentsWithNewRuns(db)),
  )
}
