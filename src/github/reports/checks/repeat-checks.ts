// Somebody asked for checks again that belong to no build: those of the repository file, of the merge queue and of strangers'
// pull requests. They are written anew, as GitHub wants them: a new run, which says what is true now.
import type { Db } from '../../../db/client.ts'
import type { Jobs } from '../../../db/jobs.ts'
import { writeAnew } from '../../../events/reports-store.ts'

const kinds = ['config-check', 'merge-check', 'approval-check']

export function repeatChecks(
  { db, jobs }: { db: Db; jobs: Pick<Jobs, 'send'> },
  { repositoryId, sha }: { repositoryId: number; sha: string },
): Promise<void> {
  return db.transaction(async tx => {
    for (const reportId of await writeAnew(tx, kinds, `${repositoryId}@${sha}`)) {
      await jobs.send(tx, 'report', { reportId }, reportId)
    }
  })
}
