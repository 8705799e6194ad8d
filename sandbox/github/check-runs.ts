// Check runs: an App creates and updates them, a person presses their buttons or asks for another run.
import { HttpError } from '../http/reply.ts'
import { emitSuite, ensureSuite, resetSuite } from './check-suites.ts'
import { emit } from './events.ts'
import { listRefs } from './git/bare.ts'
import { checkMergeQueue } from './merge-queue.ts'
import { formatCheckRun } from './payloads/check.ts'
import type { Annotation, CheckAction, CheckRun, CheckStatus, Repository } from './state.ts'
import { suiteResult } from './suite-result.ts'
import { appById, botLogin, directoryOf, nextId, now, type World } from './world.ts'

export type RunFields = {
  name?: string | undefined
  status?: CheckStatus | undefined
  conclusion?: string | undefined
  externalId?: string | undefined
  detailsUrl?: string | undefined
  startedAt?: string | undefined
  completedAt?: string | undefined
  output?: RunOutput | undefined
  actions?: CheckAction[] | undefined
}

export type RunOutput = {
  title?: string | undefined
  summary: string
  text?: string | undefined
  annotations: Annotation[]
}

export async function createRun(
  world: World,
  repository: Repository,
  app: number,
  headSha: string,
  fields: RunFields & { name: string },
): Promise<CheckRun> {
  const suite = ensureSuite(world, repository, app, headSha, {
    headBranch: await branchAt(world, repository, headSha),
    before: null,
  })
  const run: CheckRun = {
    id: nextId(world),
    suite: suite.id,
    app,
    name: fields.name,
    headSha,
    status: 'queued',
    conclusion: null,
    externalId: '',
    detailsUrl: appById(world, app).externalUrl,
    startedAt: now(),
    completedAt: null,
    title: null,
    summary: null,
    text: null,
    annotations: [],
    actions: [],
  }
  assign(run, fields)
  repository.checkRuns.push(run)
  announce(world, repository, run, 'created')
  if (run.status === 'completed') await completed(world, repository, run)
  return run
}

async function branchAt(world: World, repository: Repository, sha: string): Promise<string | null> {
  const heads = await listRefs(directoryOf(world, repository), 'refs/heads')
  return heads.find(head => head.sha === sha)?.name.slice('refs/heads/'.length) ?? null
}

export async function updateRun(
  world: World,
  repository: Repository,
  run: CheckRun,
  fields: RunFields,
): Promise<CheckRun> {
  const before = run.status
  assign(run, fields)
  if (before !== 'completed' && run.status === 'completed') await completed(world, repository, run)
  world.save()
  return run
}

function assign(run: CheckRun, fields: RunFields): void {
  run.name = fields.name ?? run.name
  run.externalId = fields.externalId ?? run.externalId
  run.detailsUrl = fields.detailsUrl ?? run.detailsUrl
  run.startedAt = fields.startedAt ?? run.startedAt
  run.actions = fields.actions ?? run.actions
  if (fields.output) assignOutput(run, fields.output)
  assignStatus(run, fields)
}

function assignOutput(run: CheckRun, output: RunOutput): void {
  run.title = output.title ?? run.title
  run.summary = output.summary
  run.text = output.text ?? run.text
  run.annotations = [...run.annotations, ...output.annotations]
}

/** A conclusion completes the run; going back to an open status takes the conclusion away. */
function assignStatus(run: CheckRun, fields: RunFields): void {
  if (fields.conclusion) {
    run.status = 'completed'
    run.conclusion = fields.conclusion
    run.completedAt = fields.completedAt ?? now()
    return
  }
  if (fields.status === 'completed') throw new HttpError(422, 'Invalid request. A conclusion is required.')
  if (!fields.status) return
  run.status = fields.status
  run.conclusion = null
  run.completedAt = null
}

function announce(
  world: World,
  repository: Repository,
  run: CheckRun,
  action: 'created' | 'completed',
): void {
  const body = { check_run: formatCheckRun(world, repository, run) }
  emit(world, repository, { event: 'check_run', action, sender: botLogin(appById(world, run.app)), body })
}

async function completed(world: World, repository: Repository, run: CheckRun): Promise<void> {
  announce(world, repository, run, 'completed')
  const suite = repository.checkSuites.find(candidate => candidate.id === run.suite)
  if (!suite) return
  suite.updatedAt = now()
  if (suiteResult(repository, suite).status === 'completed') {
    await emitSuite(world, repository, suite, 'completed', botLogin(appById(world, run.app)))
  }
  await checkMergeQueue(world, repository, run.headSha)
}

/** The "Re-run" of one check. The run itself stays as it is; its suite is queued again. */
export function rerequestRun(world: World, repository: Repository, run: CheckRun, login: string): void {
  if (run.status !== 'completed') throw new HttpError(422, 'This check run is not rerequestable')
  const body = { check_run: formatCheckRun(world, repository, run) }
  emit(world, repository, {
    event: 'check_run',
    action: 'rerequested',
    sender: login,
    body,
    onlyApp: run.app,
  })
  const suite = repository.checkSuites.find(candidate => candidate.id === run.suite)
  if (suite) resetSuite(world, suite)
}

/** Who pressed is not checked here: GitHub shows buttons to writers, and the App must check again anyway. */
export function pressButton(
  world: World,
  repository: Repository,
  run: CheckRun,
  identifier: string,
  login: string,
): void {
  if (!run.actions.some(action => action.identifier === identifier)) {
    throw new HttpError(422, `Check run ${run.id} has no button ${identifier}`)
  }
  const body = { check_run: formatCheckRun(world, repository, run), requested_action: { identifier } }
  emit(world, repository, {
    event: 'check_run',
    action: 'requested_action',
    sender: login,
    body,
    onlyApp: run.app,
  })
}
