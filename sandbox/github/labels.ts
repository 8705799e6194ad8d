// Labels on issues and pull requests. A label exists once somebody uses it.
import { emit } from './events.ts'
import { formatIssue, formatLabel } from './payloads/issue.ts'
import { emitPull } from './pulls.ts'
import type { Issue, Label, Repository } from './state.ts'
import { isPull, nextId, now, type World } from './world.ts'

export async function addLabels(
  world: World,
  repository: Repository,
  issue: Issue,
  names: string[],
  login: string,
): Promise<void> {
  for (const name of names) {
    if (issue.labels.some(label => label.name === name)) continue
    const label = labelNamed(world, repository, name)
    issue.labels.push(label)
    await announce(world, repository, issue, label, 'labeled', login)
  }
}

export async function removeLabel(
  world: World,
  repository: Repository,
  issue: Issue,
  name: string,
  login: string,
): Promise<boolean> {
  const label = issue.labels.find(candidate => candidate.name === name)
  if (!label) return false
  issue.labels.splice(issue.labels.indexOf(label), 1)
  await announce(world, repository, issue, label, 'unlabeled', login)
  return true
}

function labelNamed(world: World, repository: Repository, name: string): Label {
  const known = repository.issues.flatMap(issue => issue.labels).find(label => label.name === name)
  return known ?? { id: nextId(world), name, color: 'ededed', description: null }
}

async function announce(
  world: World,
  repository: Repository,
  issue: Issue,
  label: Label,
  action: 'labeled' | 'unlabeled',
  login: string,
): Promise<void> {
  issue.updatedAt = now()
  const body = { label: formatLabel(world, repository, label) }
  if (isPull(issue)) return emitPull(world, repository, issue, action, login, body)
  const issueBody = { issue: formatIssue(world, repository, issue), ...body }
  emit(world, repository, { event: 'issues', action, sender: login, body: issueBody })
}
