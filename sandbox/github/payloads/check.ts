// How GitHub writes check runs and check suites.
import { readCommit } from '../git/commits.ts'
import type { CheckRun, CheckSuite, PullIssue, Repository } from '../state.ts'
import { suiteResult } from '../suite-result.ts'
import { appById, directoryOf, fullName, pullsOf, type World } from '../world.ts'
import { formatApp } from './account.ts'
import { formatSimpleCommit } from './commit.ts'
import { formatRepositoryReference } from './repository.ts'

export function formatCheckRun(world: World, repository: Repository, run: CheckRun) {
  const url = `${world.apiUrl}/repos/${fullName(repository)}/check-runs/${run.id}`
  return {
    id: run.id,
    node_id: `CR_${run.id}`,
    name: run.name,
    head_sha: run.headSha,
    external_id: run.externalId,
    url,
    html_url: `${world.url}/${fullName(repository)}/runs/${run.id}`,
    details_url: run.detailsUrl,
    status: run.status,
    conclusion: run.conclusion,
    started_at: run.startedAt,
    completed_at: run.completedAt,
    output: {
      title: run.title,
      summary: run.summary,
      text: run.text,
      annotations_count: run.annotations.length,
      annotations_url: `${url}/annotations`,
    },
    check_suite: formatSuiteOfRun(world, repository, run),
    app: formatApp(world, appById(world, run.app)),
    pull_requests: pullRequestsAt(world, repository, run.headSha),
  }
}

function formatSuiteOfRun(world: World, repository: Repository, run: CheckRun) {
  const suite = repository.checkSuites.find(candidate => candidate.id === run.suite)
  if (!suite) throw new Error(`check run ${run.id} has no suite`)
  return formatSuite(world, repository, suite)
}

function formatSuite(world: World, repository: Repository, suite: CheckSuite) {
  const { status, conclusion } = suiteResult(repository, suite)
  return {
    id: suite.id,
    node_id: `CS_${suite.id}`,
    head_branch: suite.headBranch,
    head_sha: suite.headSha,
    status,
    conclusion,
    url: `${world.apiUrl}/repos/${fullName(repository)}/check-suites/${suite.id}`,
    before: suite.before,
    after: suite.after,
    pull_requests: pullRequestsAt(world, repository, suite.headSha),
    app: formatApp(world, appById(world, suite.app)),
    created_at: suite.createdAt,
    updated_at: suite.updatedAt,
  }
}

export async function formatCheckSuite(world: World, repository: Repository, suite: CheckSuite) {
  const commit = await readCommit(directoryOf(world, repository), suite.headSha)
  const formatted = formatSuite(world, repository, suite)
  return {
    ...formatted,
    latest_check_runs_count: repository.checkRuns.filter(run => run.suite === suite.id).length,
    check_runs_url: `${formatted.url}/check-runs`,
    rerequestable: true,
    runs_rerequestable: true,
    head_commit: formatSimpleCommit(commit),
  }
}

/** Open pull requests of this repository at the commit; GitHub never lists those from forks here. */
function pullRequestsAt(world: World, repository: Repository, sha: string) {
  return pullsOf(repository)
    .filter(
      ({ state, pull }) =>
        state === 'open' && pull.head.sha === sha && pull.head.repository === repository.id,
    )
    .map(issue => formatPullReference(world, repository, issue))
}

function formatPullReference(world: World, repository: Repository, issue: PullIssue) {
  const repo = formatRepositoryReference(world, repository)
  return {
    url: `${world.apiUrl}/repos/${fullName(repository)}/pulls/${issue.number}`,
    id: issue.id,
    number: issue.number,
    head: { ref: issue.pull.head.ref, sha: issue.pull.head.sha, repo },
    base: { ref: issue.pull.base.ref, sha: issue.pull.base.sha, repo },
  }
}
