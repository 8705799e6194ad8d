// All of GitHub's reporters, by the kind of report they write: the kinds targets.ts names.
import type { Db } from '../../db/client.ts'
import type { Jobs } from '../../db/jobs.ts'
import type { Reporter } from '../../events/reporter.ts'
import type { Log } from '../../log.ts'
import type { Github } from '../client/client.ts'
import { createApprovalCheckReporter } from './checks/approval-check.ts'
import { createCheckReporter } from './checks/check.ts'
import { createConfigCheckReporter } from './checks/config-check.ts'
import { createMergeCheckReporter } from './checks/merge-check.ts'
import { createBranchCommentsReporter } from './comments/branch-comments.ts'
import { createCommentReporter } from './comments/comment.ts'
import { createReplyReporter } from './comments/reply.ts'
import { createDeploymentReporter } from './deployments/deployment.ts'
import { createEnvironmentDeploymentsReporter } from './deployments/environment-deployments.ts'

interface Deps {
  db: Db
  jobs: Pick<Jobs, 'send'>
  github: Pick<Github, 'appId' | 'octokitFor'>
  log: Log
  /** Where people see the host, such as https://github.com. */
  url: string
}

export function githubReporters({ db, jobs, github, log, url }: Deps): Record<string, Reporter> {
  const { appId, octokitFor } = github
  return {
    check: createCheckReporter({ db, octokitFor }),
    'approval-check': createApprovalCheckReporter({ db, octokitFor }),
    'merge-check': createMergeCheckReporter({ db, octokitFor }),
    'config-check': createConfigCheckReporter({ db, octokitFor }),
    deployment: createDeploymentReporter({ db, octokitFor }),
    'environment-deployments': createEnvironmentDeploymentsReporter({ db, jobs }),
    comment: createCommentReporter({ db, appId, octokitFor, url }),
    'branch-comments': createBranchCommentsReporter({ db, jobs }),
    reply: createReplyReporter({ db, appId, octokitFor, log }),
  }
}
