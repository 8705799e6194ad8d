// Check runs and suites over REST, with GitHub's limits: 50 annotations a request, 65 535 characters, three buttons.
import * as z from 'zod'
import { created, HttpError, json, need } from '../../http/reply.ts'
import { createRun, type RunFields, rerequestRun, updateRun } from '../check-runs.ts'
import { ensureSuite, rerequestSuite } from '../check-suites.ts'
import { commitOf, isPlainRef, resolveRef } from '../git/bare.ts'
import { formatCheckRun, formatCheckSuite } from '../payloads/check.ts'
import type { CheckRun, Repository } from '../state.ts'
import { latestRuns } from '../suite-result.ts'
import { directoryOf, type World } from '../world.ts'
import { type Api, type ApiRoutes, actorOf, bodyOf, byId, pageOf, repositoryOf } from './call.ts'

const read = { permission: 'checks' }
const write = { permission: 'checks', access: 'write' } as const

const annotationSchema = z.object({
  path: z.string(),
  start_line: z.int(),
  end_line: z.int(),
  annotation_level: z.enum(['notice', 'warning', 'failure']),
  message: z.string().max(65_536),
  title: z
    .string()
    .max(255)
    .nullish()
    .transform(text => text ?? null),
  raw_details: z
    .string()
    .max(65_536)
    .nullish()
    .transform(text => text ?? null),
  start_column: z
    .int()
    .nullish()
    .transform(column => column ?? null),
  end_column: z
    .int()
    .nullish()
    .transform(column => column ?? null),
})
const runSchema = z.object({
  name: z.string().min(1).optional(),
  status: z.enum(['queued', 'in_progress', 'completed']).optional(),
  conclusion: z
    .enum(['action_required', 'cancelled', 'failure', 'neutral', 'success', 'skipped', 'timed_out'])
    .optional(),
  external_id: z.string().optional(),
  details_url: z.string().optional(),
  started_at: z.string().optional(),
  completed_at: z.string().optional(),
  output: z
    .object({
      title: z.string().optional(),
      summary: z.string().max(65_535),
      text: z.string().max(65_535).optional(),
      annotations: z.array(annotationSchema).max(50).default([]),
    })
    .optional(),
  actions: z
    .array(
      z.object({
        label: z.string().max(20),
        description: z.string().max(40),
        identifier: z.string().max(20),
      }),
    )
    .max(3)
    .optional(),
})
const newSchema = runSchema.extend({ name: z.string().min(1), head_sha: z.string() })

function toFields(body: z.infer<typeof runSchema>): RunFields {
  return {
    name: body.name,
    status: body.status,
    conclusion: body.conclusion,
    externalId: body.external_id,
    detailsUrl: body.details_url,
    startedAt: body.started_at,
    completedAt: body.completed_at,
    output: body.output,
    actions: body.actions,
  }
}

function callingApp(call: Api): number {
  if (call.auth.kind === 'installation') return call.auth.installation.app
  throw new HttpError(403, 'You must authenticate via a GitHub App.')
}

export function addChecks(routes: ApiRoutes): void {
  routes.add('POST', '/repos/:owner/:repo/check-runs', async call => {
    const app = callingApp(call)
    const repository = repositoryOf(call, write)
    const body = bodyOf(call, newSchema)
    const sha = await knownSha(call.world, repository, body.head_sha)
    const run = await createRun(call.world, repository, app, sha, { ...toFields(body), name: body.name })
    return created(formatCheckRun(call.world, repository, run))
  })
  routes.add('PATCH', '/repos/:owner/:repo/check-runs/:id', async call => {
    const app = callingApp(call)
    const repository = repositoryOf(call, write)
    const run = byId(repository.checkRuns, call.params.id)
    if (run.app !== app)
      throw new HttpError(403, 'Invalid app_id - check run can only be modified by its creator')
    await updateRun(call.world, repository, run, toFields(bodyOf(call, runSchema)))
    return formatCheckRun(call.world, repository, run)
  })
  routes.add('GET', '/repos/:owner/:repo/check-runs/:id', call => {
    const repository = repositoryOf(call, read)
    return formatCheckRun(call.world, repository, byId(repository.checkRuns, call.params.id))
  })
  routes.add('GET', '/repos/:owner/:repo/check-runs/:id/annotations', call =>
    pageOf(call, byId(repositoryOf(call, read).checkRuns, call.params.id).annotations),
  )
  routes.add('POST', '/repos/:owner/:repo/check-runs/:id/rerequest', call => {
    const repository = repositoryOf(call, write)
    rerequestRun(call.world, repository, byId(repository.checkRuns, call.params.id), actorOf(call))
    return json(201, {})
  })
  addLists(routes)
  addSuites(routes)
}

async function knownSha(world: World, repository: Repository, asked: string): Promise<string> {
  const sha = isPlainRef(asked) ? await commitOf(directoryOf(world, repository), asked) : null
  return need(sha, 422, `No commit found for SHA: ${asked}`)
}

function addLists(routes: ApiRoutes): void {
  routes.add('GET', '/repos/:owner/:repo/commits/:ref/check-runs', async call => {
    const repository = repositoryOf(call, read)
    const sha = await resolved(call.world, repository, call.params.ref)
    return listRuns(
      call,
      repository,
      repository.checkRuns.filter(run => run.headSha === sha),
    )
  })
  routes.add('GET', '/repos/:owner/:repo/check-suites/:id/check-runs', call => {
    const repository = repositoryOf(call, read)
    const suite = byId(repository.checkSuites, call.params.id)
    return listRuns(
      call,
      repository,
      repository.checkRuns.filter(run => run.suite === suite.id),
    )
  })
}

async function resolved(world: World, repository: Repository, ref: string): Promise<string> {
  return need(await resolveRef(directoryOf(world, repository), ref), 422, `No commit found for SHA: ${ref}`)
}

function listRuns(call: Parameters<typeof pageOf>[0], repository: Repository, all: CheckRun[]) {
  const { query } = call
  const newest = query.get('filter') === 'all' ? all : latestRuns(all)
  const runs = newest.filter(
    run =>
      (!query.get('check_name') || run.name === query.get('check_name')) &&
      (!query.get('status') || run.status === query.get('status')) &&
      (!query.get('app_id') || String(run.app) === query.get('app_id')),
  )
  const check_runs = pageOf(call, runs).map(run => formatCheckRun(call.world, repository, run))
  return { total_count: runs.length, check_runs }
}

function addSuites(routes: ApiRoutes): void {
  routes.add('POST', '/repos/:owner/:repo/check-suites', async call => {
    const app = callingApp(call)
    const repository = repositoryOf(call, write)
    const { head_sha } = bodyOf(call, z.object({ head_sha: z.string() }))
    const sha = await knownSha(call.world, repository, head_sha)
    const suite = ensureSuite(call.world, repository, app, sha, { headBranch: null, before: null })
    return created(await formatCheckSuite(call.world, repository, suite))
  })
  routes.add('GET', '/repos/:owner/:repo/commits/:ref/check-suites', async call => {
    const repository = repositoryOf(call, read)
    const sha = await resolved(call.world, repository, call.params.ref)
    const suites = repository.checkSuites.filter(suite => suite.headSha === sha)
    const shown = pageOf(call, suites).map(suite => formatCheckSuite(call.world, repository, suite))
    return { total_count: suites.length, check_suites: await Promise.all(shown) }
  })
  routes.add('GET', '/repos/:owner/:repo/check-suites/:id', call => {
    const repository = repositoryOf(call, read)
    return formatCheckSuite(call.world, repository, byId(repository.checkSuites, call.params.id))
  })
  routes.add('POST', '/repos/:owner/:repo/check-suites/:id/rerequest', async call => {
    const repository = repositoryOf(call, write)
    await rerequestSuite(call.world, repository, byId(repository.checkSuites, call.params.id), actorOf(call))
    return json(201, {})
  })
}
