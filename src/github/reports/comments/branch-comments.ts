// Reporter: something happened in a branch's environment, which pull requests from that branch show too. It writes nothing itself:
// it marks their comments as out of date. Subject: the environment's id.
import { commentsOfBranch } from '../../../builds/views/pull-view-store.ts'
import type { Db } from '../../../db/client.ts'
import type { Jobs } from '../../../db/jobs.ts'
import type { Reporter } from '../../../events/reporter.ts'
import { wantAgain } from '../../../events/reports-store.ts'

interface Deps {
  db: Db
  jobs: Pick<Jobs, 'send'>
}

export function createBranchCommentsReporter({ db, jobs }: Deps): Reporter {
  return {
    async write({ subject, remote }) {
      const comments = await commentsOfBranch(db, subject)
      await refreshComments({ db, jobs }, comments)
      return remote
    },
  }
}

export async function refreshComments({ db, jobs }: Deps, subjects: readonly string[]): Promise<void> {
  if (subjects.length === 0) return
  await db.transaction(async tx => {
    for (const reportId of await wantAgain(tx, 'comment', subjects))
      await jobs.send(tx, 'report', { reportId }, reportId)
  })
}
