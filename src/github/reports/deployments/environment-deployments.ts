// Reporter: when an environment is closed or opened again, each of its deployments has something else to say. It writes
// nothing itself: it marks them as out of date. Subject: the environment's id.
import type { Db } from '../../../db/client.ts'
import type { Jobs } from '../../../db/jobs.ts'
import type { Reporter } from '../../../events/reporter.ts'
import { wantAgain } from '../../../events/reports-store.ts'
import { deploymentsToRevise } from '../../store.ts'

interface Deps {
  db: Db
  jobs: Pick<Jobs, 'send'>
}

export function createEnvironmentDeploymentsReporter({ db, jobs }: Deps): Reporter {
  return {
    async write({ subject, remote }) {
      await db.transaction(async tx => {
        const builds = await deploymentsToRevise(tx, subject)
        for (const reportId of await wantAgain(tx, 'deployment', builds)) {
          await jobs.send(tx, 'report', { reportId }, reportId)
        }
      })
      return remote
    },
  }
}
