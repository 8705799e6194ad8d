// The addresses of a repository: its page, commits, checks, pull requests and issues. Loads, then renders.
import { need, redirect } from '../../http/reply.ts'
import { peopleOf } from '../accounts.ts'
import { cloneUrl } from '../clone-url.ts'
import { commitOf, isPlainRef } from '../git/bare.ts'
import { parentOrEmpty, readCommit } from '../git/commits.ts'
import { changedFiles } from '../git/diff.ts'
import { mergedTree } from '../git/write.ts'
import { atLeast, roleOf } from '../permission.ts'
import type { Issue, Repository } from '../state.ts'
import { latestRuns } from '../suite-result.ts'
import { appById, directoryOf, fullName, type World } from '../world.ts'
import { checkPage, commitPage } from './commit-page.ts'
import { conversationPage } from './conversation-page.ts'
import { repositoriesPage } from './repositories-page.ts'
import { loadRepository, repositoryPage } from './repository-page.ts'
import { show } from './show.ts'
import { type PageCall, type PageRoutes, visitedIssue, visitedRepository } from './visit.ts'

export function addRepositoryPages(routes: PageRoutes): void {
  routes.add('GET', '/', call => show(call, 'Repositories', repositoriesPage(call.world)))
  routes.add('GET', '/:owner/:repo', async call => {
    const repository = visitedRepository(call)
    const loaded = await loadRepository(call.world, repository, call.query.get('branch'))
    return show(
      call,
      fullName(repository),
      repositoryPage({ ...loaded, ...reader(call, repository), cloneUrl: cloneUrlFor(call, repository) }),
    )
  })
  routes.add('GET', '/:owner/:repo/commit/:sha', showCommit)
  routes.add('GET', '/:owner/:repo/runs/:id', call => {
    const repository = visitedRepository(call)
    const run = need(
      repository.checkRuns.find(({ id }) => String(id) === call.params.id),
      404,
      'No such check',
    )
    const appName = appById(call.world, run.app).name
    return show(call, run.name, checkPage({ ...reader(call, repository), run, appName }))
  })
  for (const list of ['pulls', 'issues']) {
    routes.add('GET', `/:owner/:repo/${list}`, call =>
      redirect(`/${fullName(visitedRepository(call))}#${list}`),
    )
  }
  for (const kind of ['pull', 'issues']) {
    routes.add('GET', `/:owner/:repo/${kind}/:number`, async call => {
      const repository = visitedRepository(call)
      return showConversation(call, repository, visitedIssue(repository, call.params.number))
    })
  }
}

function reader(call: PageCall, repository: Repository) {
  return {
    full: fullName(repository),
    viewer: call.viewer,
    people: peopleOf(call.world).map(account => account.login),
    mayWrite: atLeast(roleOf(call.world, repository, call.viewer), 'write'),
  }
}

function cloneUrlFor({ world, viewer }: PageCall, repository: Repository): string {
  const found = Object.entries(world.state.tokens).find(
    ([, owner]) => owner.kind === 'user' && owner.login === viewer && owner.app === null,
  )
  return cloneUrl(world.url, fullName(repository), found ? { login: viewer, token: found[0] } : null)
}

async function showCommit(call: PageCall<'owner' | 'repo' | 'sha'>) {
  const repository = visitedRepository(call)
  const directory = directoryOf(call.world, repository)
  const { sha: asked } = call.params
  const sha = need(isPlainRef(asked) && (await commitOf(directory, asked)), 404, `No commit ${asked}`)
  const commit = await readCommit(directory, sha)
  const model = {
    ...reader(call, repository),
    commit,
    files: await changedFiles(directory, parentOrEmpty(commit), sha),
    runs: latestRuns(repository.checkRuns.filter(run => run.headSha === sha)),
    comments: repository.commitComments.filter(comment => comment.sha === sha),
  }
  return show(call, sha.slice(0, 7), commitPage(model))
}

async function showConversation(call: PageCall, repository: Repository, issue: Issue) {
  const head = issue.pull?.head.sha
  const model = {
    ...reader(call, repository),
    issue,
    comments: repository.comments.filter(comment => comment.issue === issue.number),
    runs: latestRuns(repository.checkRuns.filter(run => run.headSha === head)),
    deployments: deploymentsFor(repository, issue),
    queued: repository.mergeQueue.find(entry => entry.number === issue.number) ?? null,
    mergeable: await isMergeable(call.world, repository, issue),
  }
  return show(call, `${issue.title} #${issue.number}`, conversationPage(model))
}

async function isMergeable(world: World, repository: Repository, issue: Issue): Promise<boolean> {
  if (!issue.pull || issue.state !== 'open') return false
  const directory = directoryOf(world, repository)
  const tip = (await commitOf(directory, `refs/heads/${issue.pull.base.ref}`)) ?? issue.pull.base.sha
  return (await mergedTree(directory, tip, issue.pull.head.sha)) !== null
}

/** The newest deployment of each environment among those of the pull request's branch or commits. */
function deploymentsFor(repository: Repository, issue: Issue) {
  const { pull } = issue
  if (!pull) return []
  const own = repository.deployments.filter(
    ({ sha, ref }) => sha === pull.head.sha || ref === pull.head.ref || ref === pull.head.sha,
  )
  return [...new Map(own.map(deployment => [deployment.environment, deployment])).values()]
}
