// An environment's builds, newest first. Pure.
import { environmentPath, type InEnvironment } from '../context.ts'
import { type Html, html, nothing } from '../html/html.ts'
import { environmentPage } from '../html/layout.ts'
import { badge, empty, stateBadge, table, when } from '../html/parts.ts'
import { duration, shortSha } from '../html/words.ts'
import type { ListedBuild } from './builds-store.ts'

export function buildsPage(visit: InEnvironment, builds: readonly ListedBuild[], older: number | null): Html {
  const path = environmentPath(visit)
  const rows = builds.map(one => {
    const took = one.startedAt && one.finishedAt ? one.finishedAt.getTime() - one.startedAt.getTime() : null
    return html`<tr><td class="name"><a href="${path}/builds/${one.number}">#${one.number}</a></td>
      <td>${stateBadge(one.state)} ${one.id === visit.environment.activeBuildId ? badge('good', 'live') : nothing}</td>
      <td><code>${shortSha(one.sha)}</code> <span class="one-line">${one.message.split('\n')[0]}</span></td>
      <td class="wide">${one.author}</td><td class="wide">${one.installCached === null ? nothing : one.installCached ? 'cached' : 'fresh'}</td>
      <td class="number">${duration(took)}</td><td>${when(one.createdAt, visit.now)}</td></tr>`
  })
  return environmentPage({
    visit,
    title: 'Builds',
    tab: 'builds',
    live: true,
    content: html`<div class="head"><h1>Builds</h1><div class="actions"><a class="button" href="${path}/do/retry">Build again</a></div></div>
      <div id="builds" data-part>${
        builds.length === 0
          ? empty(
              'Nothing was built yet',
              html`A push to <code>${visit.environment.branch}</code> is built here, with its log as it goes on.`,
            )
          : table(
              'Builds',
              [
                'Build',
                'State',
                'Commit',
                { name: 'Who', wide: true },
                { name: 'Dependencies', wide: true },
                { name: 'Took', number: true },
                'Asked for',
              ],
              rows,
            )
      }</div>${older === null ? nothing : html`<nav class="pager" aria-label="Pages"><a class="button" href="?before=${older}">Older</a></nav>`}`,
  })
}
