// Repositories with their environments: what is live where, what holds it, what waits. Pure.

import type { Repository } from '../../environments/store.ts'
import { environmentPath, type InRepository, repositoryPath, root, type Visit } from '../context.ts'
import { type Html, html, nothing } from '../html/html.ts'
import { page, repositoryTrail } from '../html/layout.ts'
import { badge, empty, section, stateBadge, table, when } from '../html/parts.ts'
import { number, plural, shortSha } from '../html/words.ts'
import { countBound, type ShownEnvironment } from './repositories-store.ts'

const learn = [
  html`A repository appears here when the GitHub App is installed on it and you may see it on GitHub (read on a private one, triage on a public one).`,
  html`Then push a commit with a <code>defer/</code> or <code>functions/</code> folder to its default branch: it lands in <strong>production</strong>.`,
]

export function repositoriesPage(
  visit: Visit,
  shown: readonly { repository: Repository; environments: readonly ShownEnvironment[] }[],
): Html {
  const content = shown.map(({ repository, environments }) =>
    section(
      `${repository.owner}/${repository.name}`,
      html`<a href="${repositoryPath(repository)}">Repository</a>`,
      environmentTable(repository, environments, visit.now),
    ),
  )
  return page({
    visit,
    title: 'Repositories',
    trail: [],
    live: `${root}/live`,
    content: html`<div class="head"><h1>Repositories</h1></div>${shown.length === 0 ? empty('No repository yet', ...learn) : html`<div class="environments" id="environments" data-part>${content}</div>`}`,
  })
}

export function repositoryPage(
  visit: InRepository,
  environments: readonly ShownEnvironment[],
  githubUrl: string,
): Html {
  const { repository, now } = visit
  const full = `${repository.owner}/${repository.name}`
  const [previews, named] = [true, false].map(wanted =>
    environments.filter(one => (one.environment.kind === 'preview') === wanted),
  )
  return page({
    visit,
    title: full,
    trail: repositoryTrail(visit),
    live: `${root}/live`,
    content: html`<div class="head"><div class="title"><h1>${full}</h1>${badge('idle', repository.private ? 'private' : 'public')}</div><div class="actions"><a class="button" href="${githubUrl}/${full}">On GitHub</a></div></div>
      ${configProblems(repository)}
      <div class="environments" id="environments" data-part>${section('Environments', nothing, environmentTable(repository, named ?? [], now))}
      ${section('Previews', nothing, previews?.length ? environmentTable(repository, previews, now) : empty('No preview is open', html`Open a pull request: it gets an environment of its own, with its own executions, until it is closed.`))}</div>`,
  })
}

function configProblems(repository: Repository): Html {
  const problems = repository.configProblems as { message?: string; line?: number }[]
  if (problems.length === 0) return nothing
  return html`<div class="notice bad"><strong>The newest .github/sluice.yml is not in force</strong>; the last good one is.${problems
    .slice(0, 5)
    .map(({ message, line }) => html`<br>${line ? `Line ${line}: ` : ''}${message ?? ''}`)}</div>`
}

function environmentTable(repository: Repository, shown: readonly ShownEnvironment[], now: Date): Html {
  if (shown.length === 0)
    return empty(
      'No environment is open',
      html`The first push to a mapped branch opens one; without <code>.github/sluice.yml</code> that is the default branch.`,
    )
  return table(
    `Environments of ${repository.owner}/${repository.name}`,
    [
      'Environment',
      'State',
      'Live build',
      { name: 'Newest build', wide: true },
      { name: 'Functions', number: true },
      { name: 'Running', number: true, wide: true },
      { name: 'Waiting', number: true },
      { name: 'Held', number: true },
    ],
    shown.map(one => row(repository, one, now)),
  )
}

function row(repository: Repository, shown: ShownEnvironment, now: Date): Html {
  const { environment, live, newest, functions, archived, held, waiting, running } = shown
  const path = environmentPath({ repository, environment })
  const from = environment.pullNumber === null ? environment.branch : `pull request ${environment.pullNumber}`
  return html`<tr>
    <td class="name"><a href="${path}">${environment.name}</a>${environment.production && environment.name !== 'production' ? html` ${badge('run', 'production')}` : nothing}<span class="under">${from}${environment.root === '.' ? '' : ` · ${environment.root}`}</span></td>
    <td>${statesOf(shown)}</td>
    <td>${live ? html`<a href="${path}/builds/${live.number}">#${live.number}</a> <code>${shortSha(live.sha)}</code><span class="under one-line">${live.message}</span>` : html`<span class="soft">nothing yet</span>`}</td>
    <td class="wide">${newest ? html`<a href="${path}/builds/${newest.number}">#${newest.number}</a> ${stateBadge(newest.state)}<span class="under">${live?.finishedAt ? html`live one built ${when(live.finishedAt, now)}` : nothing}</span>` : nothing}</td>
    <td class="number">${number(functions)}${archived > 0 ? html`<span class="under">${plural(archived, 'archived', 'archived')}</span>` : nothing}</td>
    <td class="number wide">${amount(running)}</td>
    <td class="number">${amount(waiting)}</td>
    <td class="number ${held > 0 ? 'is-bad' : ''}">${amount(held)}</td>
  </tr>`
}

function amount(count: number): Html {
  if (count === 0) return html`<span class="soft">0</span>`
  return html`${count >= countBound ? `${number(countBound)}+` : number(count)}`
}

/** What stands in the way of a push going live, or an execution starting. */
export function statesOf({
  environment,
  overlays,
}: Pick<ShownEnvironment, 'environment' | 'overlays'>): Html {
  const own = overlays.filter(one => one.functionId === null)
  const paused = overlays.filter(one => one.functionId !== null && one.kind === 'pause').length
  const about = (one: ShownEnvironment['overlays'][number]) =>
    `by ${one.actor}${one.reason ? `: ${one.reason}` : ''}`
  const badges = [
    ...own.map(one => stateBadge(one.kind === 'pin' ? 'pinned' : 'paused', about(one))),
    ...(environment.mode === 'normal' ? [] : [stateBadge(environment.mode)]),
    ...(paused > 0 ? [badge('warn', plural(paused, 'function paused', 'functions paused'))] : []),
  ]
  return badges.length === 0 ? badge('good', 'normal') : html`${badges.map(one => html`${one} `)}`
}
