// The first page: every repository, and how to become somebody.
import { type Html, html } from '../../html.ts'
import type { Repository } from '../state.ts'
import { fullName, type World } from '../world.ts'
import { icon } from './icons.ts'
import { ago } from './layout.ts'

export function repositoriesPage(world: World): Html {
  const repositories = [...world.state.repositories].sort((a, b) => b.pushedAt.localeCompare(a.pushedAt))
  const rows = repositories.map(repository => row(world, repository))
  return html`<div class="row"><h1 class="grow">Repositories</h1></div>
<div class="box">${rows.length > 0 ? rows : html`<div class="empty">No repository yet</div>`}</div>
<p class="soft">A GitHub that lives in a folder on this machine. Git over HTTP, the REST API and webhooks are real; the
people are not. Pick one of them above to act as, and push with their token.</p>`
}

function row(world: World, repository: Repository): Html {
  const full = fullName(repository)
  const source = world.state.repositories.find(other => other.id === repository.forkOf)
  const open = repository.issues.filter(issue => issue.state === 'open' && issue.pull).length
  return html`<div class="item"><span class="soft">${icon('book')}</span><span class="grow"><a class="title" href="/${full}">${full}</a>
<span class="label">${repository.private ? 'Private' : 'Public'}</span>
${source ? html`<span class="soft small">forked from ${fullName(source)}</span>` : ''}
<div class="soft small">${repository.description}</div></span>
<span class="soft small row">${icon('pull')} ${open} open</span><span class="soft small">pushed ${ago(repository.pushedAt)}</span></div>`
}
