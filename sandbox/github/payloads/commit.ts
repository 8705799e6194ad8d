// How GitHub writes commits: in the REST API, in a push and in short.
import type { Commit, Person } from '../git/commits.ts'
import type { Names } from '../git/diff.ts'
import type { Repository } from '../state.ts'
import { accountByEmail, fullName, type World } from '../world.ts'
import { formatAccount } from './account.ts'

export function formatCommit(world: World, repository: Repository, commit: Commit) {
  const full = fullName(repository)
  const url = `${world.apiUrl}/repos/${full}/commits/${commit.sha}`
  return {
    sha: commit.sha,
    node_id: `C_${commit.sha}`,
    url,
    html_url: `${world.url}/${full}/commit/${commit.sha}`,
    comments_url: `${url}/comments`,
    commit: {
      url: `${world.apiUrl}/repos/${full}/git/commits/${commit.sha}`,
      message: commit.message,
      author: commit.author,
      committer: commit.committer,
      tree: { sha: commit.tree, url: `${world.apiUrl}/repos/${full}/git/trees/${commit.tree}` },
      comment_count: repository.commitComments.filter(comment => comment.sha === commit.sha).length,
      verification: { verified: false, reason: 'unsigned', signature: null, payload: null },
    },
    author: accountOf(world, commit.author),
    committer: accountOf(world, commit.committer),
    parents: commit.parents.map(sha => ({
      sha,
      url: `${world.apiUrl}/repos/${full}/commits/${sha}`,
      html_url: `${world.url}/${full}/commit/${sha}`,
    })),
  }
}

function accountOf(world: World, person: Person) {
  const account = accountByEmail(world, person.email)
  return account ? formatAccount(world, account.login) : null
}

export function formatPushedCommit(world: World, repository: Repository, commit: Commit, names: Names) {
  return {
    ...formatSimpleCommit(commit),
    distinct: true,
    url: `${world.url}/${fullName(repository)}/commit/${commit.sha}`,
    author: pushPerson(world, commit.author),
    committer: pushPerson(world, commit.committer),
    ...names,
  }
}

function pushPerson(world: World, person: Person) {
  const username = accountByEmail(world, person.email)?.login
  return { name: person.name, email: person.email, date: person.date, ...(username ? { username } : {}) }
}

export function formatSimpleCommit(commit: Commit) {
  return {
    id: commit.sha,
    tree_id: commit.tree,
    message: commit.message,
    timestamp: commit.committer.date,
    author: { name: commit.author.name, email: commit.author.email },
    committer: { name: commit.committer.name, email: commit.committer.email },
  }
}
