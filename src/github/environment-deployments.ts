// Reporter: when an environment is closed or opened again, each of its deployments has something else to say. It writes
// nothing itself: it marks them as out of date. Subject: the environment's id.
import type { Core } from '../events/outbox.ts'
import type { Reporter } from '../events/reporter.ts'
import { wantAgain } from '../events/reports-store.ts'
import { deploymentsToRevise } from './store.ts'

export function createEnvironmentDeploymentsReporter({ db, jobs }: Pick<Core, 'db' | 'jobs'>): Reporter {
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
