// Check suites: one per App and commit, opened when a branch moves and the App may write checks.
import { emit } from './events.ts'
import { zeroSha } from './git/run.ts'
import type { RefChange } from './git/smart-http.ts'
import { formatCheckSuite } from './payloads/check.ts'
import { grants } from './permission.ts'
import type { CheckSuite, Repository } from './state.ts'
import { appById, installationsOf, nextId, now, type World } from './world.ts'

export type SuiteOrigin = { headBranch: string | null; before: string | null }

export function ensureSuite(
  world: World,
  repository: Repository,
  app: number,
  headSha: string,
  origin: SuiteOrigin,
): CheckSuite {
  const known = repository.checkSuites.find(suite => suite.app === app && suite.headSha === headSha)
  if (known) return known
  const suite: CheckSuite = {
    id: nextId(world),
    app,
    headSha,
    headBranch: origin.headBranch,
    before: origin.before,
    after: headSha,
    resetAt: 0,
    createdAt: now(),
    updatedAt: now(),
  }
  repository.checkSuites.push(suite)
  return suite
}

/** The automatic `check_suite.requested`; a commit that already has its suite is not announced again. */
export async function requestSuites(
  world: World,
  repository: Repository,
  change: RefChange,
  login: string,
): Promise<void> {
  const origin = {
    headBranch: change.ref.slice('refs/heads/'.length),
    before: change.old === zeroSha ? null : change.old,
  }
  for (const installation of installationsOf(world, repository)) {
    const app = appById(world, installation.app)
    const known = repository.checkSuites.some(suite => suite.app === app.id && suite.headSha === change.new)
    if (known || !grants(app.permissions.checks, 'write')) continue
    const suite = ensureSuite(world, repository, app.id, change.new, origin)
    await emitSuite(world, repository, suite, 'requested', login)
  }
}

export async function emitSuite(
  world: World,
  repository: Repository,
  suite: CheckSuite,
  action: 'requested' | 'rerequested' | 'completed',
  login: string,
): Promise<void> {
  const body = { check_suite: await formatCheckSuite(world, repository, suite) }
  const target = action === 'completed' ? {} : { onlyApp: suite.app }
  emit(world, repository, { event: 'check_suite', action, sender: login, body, ...target })
}

/** "Re-run all": the suite is queued again, its runs stay as they are until the App reports anew. */
export async function rerequestSuite(
  world: World,
  repository: Repository,
  suite: CheckSuite,
  login: string,
): Promise<void> {
  await emitSuite(world, repository, suite, 'rerequested', login)
  resetSuite(world, suite)
}

export function resetSuite(world: World, suite: CheckSuite): void {
  suite.resetAt = world.state.sequence
  suite.updatedAt = now()
  world.save()
}
