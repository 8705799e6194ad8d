// What the forms of the pages do. Each acts as a person, who needs the role GitHub would ask for.
import { need, redirect } from '../../http/reply.ts'
import { pressButton, rerequestRun } from '../check-runs.ts'
import { rerequestSuite } from '../check-suites.ts'
import { addComment, addCommitComment } from '../comments.ts'
import { openIssue, setIssueState } from '../issues.ts'
import { mergePull } from '../merge.ts'
import { enqueuePull, leaveQueue, mergeGroup } from '../merge-queue.ts'
import { closePull, openPull, reopenPull, setDraft } from '../pulls.ts'
import { redeliver } from '../rest/hook.ts'
import type { PullIssue, Repository } from '../state.ts'
import { fullName, isPull, type World } from '../world.ts'
import { actingAs, field, type PageCall, type PageRoutes, visitedIssue, visitedRepository } from './visit.ts'

const back = (path: string) => redirect(path, 303)

export function addActions(routes: PageRoutes): void {
  addConversationActions(routes)
  addPullActions(routes)
  addCheckActions(routes)
  routes.add('POST', '/deliveries/:id/redeliver', call => {
    const found = call.world.deliveries.recorded().find(({ id }) => String(id) === call.params.id)
    redeliver(call.world, need(found, 404, 'No such delivery'))
    return back('/deliveries')
  })
}

function addConversationActions(routes: PageRoutes): void {
  routes.add('POST', '/:owner/:repo/issues', call => {
    const repository = visitedRepository(call)
    const wanted = { title: field(call, 'title') || 'Untitled', body: field(call, 'body') || null }
    const issue = openIssue(call.world, repository, wanted, actingAs(call, repository, 'read'))
    return back(`/${fullName(repository)}/issues/${issue.number}`)
  })
  routes.add('POST', '/:owner/:repo/issues/:number/comments', call => {
    const repository = visitedRepository(call)
    const issue = visitedIssue(repository, call.params.number)
    const author = { login: actingAs(call, repository, 'read'), app: null }
    const comment = addComment(call.world, repository, issue, field(call, 'body'), author)
    const kind = issue.pull ? 'pull' : 'issues'
    return back(`/${fullName(repository)}/${kind}/${issue.number}#issuecomment-${comment.id}`)
  })
  routes.add('POST', '/:owner/:repo/issues/:number/state', async call => {
    const repository = visitedRepository(call)
    const issue = visitedIssue(repository, call.params.number)
    const login = actingAs(call, repository, 'triage')
    const state = field(call, 'state') === 'open' ? 'open' : 'closed'
    if (!isPull(issue)) setIssueState(call.world, repository, issue, state, login)
    else if (state === 'closed') await closePull(call.world, repository, issue, login)
    else await reopenPull(call.world, repository, issue, login)
    return back(`/${fullName(repository)}/${issue.pull ? 'pull' : 'issues'}/${issue.number}`)
  })
  routes.add('POST', '/:owner/:repo/commit/:sha/comments', call => {
    const repository = visitedRepository(call)
    const author = { login: actingAs(call, repository, 'read'), app: null }
    const place = { sha: call.params.sha, path: null, line: null, position: null }
    addCommitComment(call.world, repository, place, field(call, 'body'), author)
    return back(`/${fullName(repository)}/commit/${call.params.sha}`)
  })
}

type PullVerb = (world: World, repository: Repository, issue: PullIssue, login: string) => Promise<unknown>

const pullVerbs: Record<string, PullVerb> = {
  merge: (world, repository, issue, login) => mergePull(world, repository, issue, { method: 'merge' }, login),
  ready: (world, repository, issue, login) => setDraft(world, repository, issue, false, login),
  queue: enqueuePull,
  'leave-queue': (world, repository, issue) =>
    leaveQueue(world, repository, entryOf(repository, issue), 'dequeued'),
  'merge-queued': (world, repository, issue) => mergeGroup(world, repository, entryOf(repository, issue)),
}

function entryOf(repository: Repository, issue: PullIssue) {
  return need(
    repository.mergeQueue.find(entry => entry.number === issue.number),
    404,
    'Not in the merge queue',
  )
}

function addPullActions(routes: PageRoutes): void {
  routes.add('POST', '/:owner/:repo/pulls', async call => {
    const repository = visitedRepository(call)
    const head = field(call, 'head')
    const wanted = {
      title: field(call, 'title') || head,
      body: null,
      head,
      base: field(call, 'base'),
      draft: false,
    }
    const issue = await openPull(call.world, repository, wanted, actingAs(call, repository, 'read'))
    return back(`/${fullName(repository)}/pull/${issue.number}`)
  })
  for (const [name, verb] of Object.entries(pullVerbs)) {
    routes.add('POST', `/:owner/:repo/pull/:number/${name}`, async call => {
      const repository = visitedRepository(call)
      const issue = visitedIssue(repository, call.params.number)
      if (isPull(issue)) await verb(call.world, repository, issue, actingAs(call, repository, 'write'))
      return back(`/${fullName(repository)}/pull/${issue.number}`)
    })
  }
}

function addCheckActions(routes: PageRoutes): void {
  const visited = (call: PageCall<'owner' | 'repo' | 'id'>) => {
    const repository = visitedRepository(call)
    const run = need(
      repository.checkRuns.find(({ id }) => String(id) === call.params.id),
      404,
      'No such check',
    )
    return { repository, run, login: actingAs(call, repository, 'write') }
  }
  routes.add('POST', '/:owner/:repo/runs/:id/press', call => {
    const { repository, run, login } = visited(call)
    pressButton(call.world, repository, run, field(call, 'identifier'), login)
    return back(cameFrom(call, `/${fullName(repository)}/runs/${run.id}`))
  })
  routes.add('POST', '/:owner/:repo/runs/:id/rerun', call => {
    const { repository, run, login } = visited(call)
    rerequestRun(call.world, repository, run, login)
    return back(cameFrom(call, `/${fullName(repository)}/runs/${run.id}`))
  })
  routes.add('POST', '/:owner/:repo/commit/:sha/rerun', async call => {
    const repository = visitedRepository(call)
    const login = actingAs(call, repository, 'write')
    const suites = repository.checkSuites.filter(suite => suite.headSha === call.params.sha)
    for (const suite of suites) await rerequestSuite(call.world, repository, suite, login)
    return back(cameFrom(call, `/${fullName(repository)}/commit/${call.params.sha}`))
  })
}

/** The page the form stood on, if it was one of ours. */
function cameFrom(call: PageCall, otherwise: string): string {
  const { referer } = call.headers
  if (!referer || !URL.canParse(referer)) return otherwise
  const url = new URL(referer)
  return url.host === call.headers.host ? url.pathname : otherwise
}
