// One repository: recent commits of a branch with their checks, pull requests, issues, deployments, how to clone.
import { type Html, html } from '../../html.ts'
import { stateOf } from '../deployments.ts'
import { commitOf, listRefs } from '../git/bare.ts'
import { type Commit, readCommits } from '../git/commits.ts'
import type { Deployment, Issue, Repository } from '../state.ts'
import { latestRuns } from '../suite-result.ts'
import { directoryOf, fullName, type World } from '../world.ts'
import { combinedIcon } from './checks-box.ts'
import { deploymentsBox } from './deployments-box.ts'
import { icon } from './icons.ts'
import { ago, asSelect, avatar, shortSha } from './layout.ts'
import { issueIcon } from './parts.ts'

export type RepositoryModel = {
  repository: Repository
  branches: string[]
  branch: string
  commits: Commit[]
  cloneUrl: string
  people: string[]
  viewer: string
}

export async function loadRepository(world: World, repository: Repository, wanted: string | null) {
  const directory = directoryOf(world, repository)
  const refs = await listRefs(directory, 'refs/heads')
  const branches = refs.map(ref => ref.name.slice('refs/heads/'.length))
  const branch = wanted && branches.includes(wanted) ? wanted : repository.defaultBranch
  const sha = await commitOf(directory, `refs/heads/${branch}`)
  const commits = sha ? await readCommits(directory, [sha], 12) : []
  return { repository, branches, branch, commits }
}

export function repositoryPage(model: RepositoryModel): Html {
  const { repository } = model
  const full = fullName(repository)
  return html`<h1>${icon('book', 20)} <span class="soft">${repository.owner} /</span> ${repository.name}
<span class="label">${repository.private ? 'Private' : 'Public'}</span></h1>
<p class="soft">${repository.description}</p>
<div class="clone mono">git clone ${model.cloneUrl}</div>
<div class="columns gap"><div>${commitsBox(model, full)}${issuesBox(model, full, true)}${issuesBox(model, full, false)}</div>
<aside>${deploymentsBox(newestDeployments(repository), full)}${newPullBox(model, full)}${newIssueBox(model, full)}</aside></div>`
}

function commitsBox(model: RepositoryModel, full: string): Html {
  const branches = model.branches.map(name =>
    name === model.branch
      ? html`<span class="label strong">${name}</span>`
      : html`<a class="label" href="/${full}?branch=${encodeURIComponent(name)}">${name}</a>`,
  )
  const rows = model.commits.map(commit => commitRow(model.repository, full, commit))
  const empty = html`<div class="empty">This repository is empty. Clone it, commit and push.</div>`
  return html`<div class="box"><header><span class="soft">${icon('branch')}</span>${branches}</header>${rows.length > 0 ? rows : empty}</div>`
}

function commitRow(repository: Repository, full: string, commit: Commit): Html {
  const runs = latestRuns(repository.checkRuns.filter(run => run.headSha === commit.sha))
  return html`<div class="item"><span class="grow"><a class="title" href="/${full}/commit/${commit.sha}">${commit.message.split('\n')[0]}</a>
${combinedIcon(runs)}<div class="soft small">${commit.author.name} committed ${ago(commit.committer.date)}</div></span>
${shortSha(full, commit.sha)}</div>`
}

function issuesBox(model: RepositoryModel, full: string, pulls: boolean): Html {
  const issues = model.repository.issues.filter(issue => (issue.pull !== null) === pulls).reverse()
  if (issues.length === 0) return html``
  const open = issues.filter(issue => issue.state === 'open').length
  return html`<div class="box" id="${pulls ? 'pulls' : 'issues'}"><header><h2>${pulls ? 'Pull requests' : 'Issues'}</h2>
<span class="soft">${open} open, ${issues.length - open} closed</span></header>${issues.slice(0, 20).map(issue => issueRow(model.repository, full, issue))}</div>`
}

function issueRow(repository: Repository, full: string, issue: Issue): Html {
  const comments = repository.comments.filter(comment => comment.issue === issue.number).length
  const runs = repository.checkRuns.filter(run => run.headSha === issue.pull?.head.sha)
  return html`<div class="item">${issueIcon(issue)}<span class="grow"><a class="title" href="/${full}/${issue.pull ? 'pull' : 'issues'}/${issue.number}">${issue.title}</a>
${combinedIcon(latestRuns(runs))}<div class="soft small">#${issue.number} opened ${ago(issue.createdAt)} by ${issue.login}</div></span>
<span class="soft small">${comments > 0 ? `${comments} comments` : ''}</span>${avatar(issue.login)}</div>`
}

/** The newest of each environment. */
function newestDeployments(repository: Repository): Deployment[] {
  const newest = new Map<string, Deployment>()
  for (const deployment of repository.deployments) newest.set(deployment.environment, deployment)
  return [...newest.values()].filter(deployment => stateOf(deployment) !== 'inactive').reverse()
}

function newPullBox(model: RepositoryModel, full: string): Html {
  const others = model.branches.filter(name => name !== model.repository.defaultBranch)
  if (others.length === 0) return html``
  const options = others.map(name => html`<option>${name}</option>`)
  return html`<details class="box"><summary class="item title">New pull request</summary><form class="body" method="post" action="/${full}/pulls">
<p><select name="head">${options}</select> into <select name="base">${[model.repository.defaultBranch, ...others].map(name => html`<option>${name}</option>`)}</select></p>
<p><input type="text" name="title" placeholder="Title"></p><p class="row">as ${asSelect(model.people, model.viewer)}<button class="primary end">Create</button></p></form></details>`
}

function newIssueBox(model: RepositoryModel, full: string): Html {
  return html`<details class="box"><summary class="item title">New issue</summary><form class="body" method="post" action="/${full}/issues">
<p><input type="text" name="title" placeholder="Title"></p><p><textarea name="body"></textarea></p>
<p class="row">as ${asSelect(model.people, model.viewer)}<button class="primary end">Create</button></p></form></details>`
}
