// One build: its stages with their times, what it changed or why it failed, and its log. Pure.

import { type BuildView, branchOf, fateOf, headline } from '../../builds/views/view.ts'
import type { Changes } from '../../functions/diff.ts'
import { environmentPath, type InEnvironment, segment } from '../context.ts'
import { colored } from '../html/ansi.ts'
import { type Html, html, nothing } from '../html/html.ts'
import { environmentPage } from '../html/layout.ts'
import { facts, logBox, section, stateBadge, when } from '../html/parts.ts'
import { duration, shortSha } from '../html/words.ts'
import type { LoggedLine } from './builds-store.ts'

interface Shown {
  visit: InEnvironment
  build: BuildView
  lines: readonly LoggedLine[]
  all: number
  githubUrl: string
}

export function buildPage({ visit, build, lines, all, githubUrl }: Shown): Html {
  const path = environmentPath(visit)
  const { repository } = build
  const commit = `${githubUrl}/${repository.owner}/${repository.name}/commit/${build.sha}`
  const fate = fateOf(build)
  const stands = fate === 'live' || fate === 'replaced' ? fate : build.state
  const isLive = build.live
  return environmentPage({
    visit,
    title: `Build ${build.number}`,
    tab: 'builds',
    trail: [{ label: `#${build.number}`, path: `${path}/builds/${build.number}` }],
    live: true,
    content: html`<div class="head" id="head" data-part><div class="title"><h1>Build ${build.number}</h1>${stateBadge(stands)}<span class="soft">${headline(build)}</span></div>
        <div class="actions">${build.release && !isLive && build.state === 'succeeded' ? html`<a class="button" href="${path}/do/rollback?to=${build.number}">Roll back to it</a>` : nothing}<a class="button" href="${path}/do/retry">Build again</a></div></div>
      <div id="stages" data-part>${stages(build, visit.now)}</div>
      ${facts(
        [
          'Commit',
          html`<a href="${commit}"><code>${shortSha(build.sha)}</code></a> ${build.message.split('\n')[0]}`,
        ],
        ['From', branchOf(build.ref)],
        ['Who', build.author],
        [
          'Dependencies',
          build.installCached === null ? null : build.installCached ? 'from the cache' : 'installed anew',
        ],
        ['Builder', build.builder ? `${build.builder.channel} ${build.builder.version}` : null],
        ['Finished', build.finishedAt ? when(build.finishedAt, visit.now) : null],
      )}
      <div id="result" data-part>${failure(build)}${build.release ? section('Functions', nothing, changes(path, build.release.changes)) : nothing}</div>
      ${section('Log', all > lines.length ? html`<a href="?all=1">All ${all} lines</a>` : nothing, log(lines, build))}`,
  })
}

function stages({ stages: entered, startedAt, finishedAt, state }: BuildView, now: Date): Html {
  if (entered.length === 0)
    return html`<p class="soft">${finishedAt ? 'No builder worked on it.' : 'It waits for a builder.'}</p>`
  const items = entered.map(({ stage, at }, index) => {
    const end = entered[index + 1]?.at ?? finishedAt
    const isNow = end === null || end === undefined
    const failed = index === entered.length - 1 && state === 'failed'
    const ms = (end ?? now).getTime() - at.getTime()
    return html`<li class="${isNow ? 'now' : ''} ${failed ? 'bad' : ''}"><strong>${stage}</strong>${duration(Math.max(0, ms))}${isNow ? ' so far' : ''}</li>`
  })
  const all =
    startedAt && finishedAt
      ? html`<li><strong>all of it</strong>${duration(finishedAt.getTime() - startedAt.getTime())}</li>`
      : nothing
  return html`<ol class="stages">${items}${all}</ol>`
}

function failure({ failure: why }: BuildView): Html {
  if (!why) return nothing
  const notes = why.annotations.map(
    ({ path, startLine, message }) => html`<li><code>${path}:${startLine}</code> ${message}</li>`,
  )
  return section(
    'Why it failed',
    html`<code>${why.code}</code>`,
    html`<pre class="block failure" tabindex="0">${why.message}</pre>${notes.length > 0 ? html`<ul>${notes}</ul>` : nothing}`,
  )
}

function changes(path: string, changed: Changes): Html {
  const kinds = ['added', 'changed', 'restored', 'archived', 'unchanged'] as const
  const rows = kinds
    .filter(kind => changed[kind].length > 0)
    .map((kind): [string, Html] => [
      kind,
      html`${changed[kind].map(name => html`<a href="${path}/functions/${segment(name)}">${name}</a> `)}`,
    ])
  return rows.length === 0 ? html`<p class="soft">It has no functions.</p>` : facts(...rows)
}

function log(lines: readonly LoggedLine[], { finishedAt }: BuildView): Html {
  if (lines.length === 0)
    return logBox(
      html`<div class="stage">${finishedAt ? 'Nothing was said.' : 'No line yet: what the builder does stands here as it goes on.'}</div>`,
    )
  let before = ''
  const rows = lines.map(({ stage, at, line }) => {
    const head = stage === before ? nothing : html`<div class="stage">${stage}</div>`
    before = stage
    return html`${head}<p><time datetime="${at.toISOString()}" data-absolute>${at.toISOString().slice(11, 19)}</time><span>${colored(line)}</span></p>`
  })
  return logBox(html`${rows}`)
}
