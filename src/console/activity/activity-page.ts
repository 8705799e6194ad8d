// Who did what, when, and through what. Pure.
import { environmentPath, type InEnvironment, segment } from '../context.ts'
import { type Html, html, nothing } from '../html/html.ts'
import { environmentPage } from '../html/layout.ts'
import { empty, field, table, when } from '../html/parts.ts'
import type { Happened } from './activity-store.ts'
import { detailOf, verbOf } from './sentence.ts'

interface Shown {
  visit: InEnvironment
  happened: readonly Happened[]
  older: number | null
  actor: string
}

export function activityPage({ visit, happened, older, actor }: Shown): Html {
  const path = environmentPath(visit)
  const rows = happened.map(one => {
    const about = one.functionName
      ? html`<a href="${path}/functions/${segment(one.functionName)}">${one.functionName}</a>`
      : nothing
    const build =
      one.build !== null && /^(build|release)\./.test(one.type)
        ? html`<a href="${path}/builds/${one.build}">build ${one.build}</a>`
        : nothing
    const detail = detailOf(one)
    return html`<tr><td>${when(one.createdAt, visit.now)}</td><td class="name">${one.actor ?? 'sluice'}</td><td>${verbOf(one)} ${about} ${build}${detail ? html`<span class="under">${detail}</span>` : nothing}</td><td>${one.via ?? html`<span class="soft">–</span>`}</td></tr>`
  })
  const query = actor === '' ? '' : `actor=${encodeURIComponent(actor)}&`
  return environmentPage({
    visit,
    title: 'Activity',
    tab: 'activity',
    live: true,
    content: html`<div class="head"><h1>Activity</h1><span class="soft">Written down when it happened, and never changed.</span></div>
      <form class="filters" method="get" role="search" aria-label="Activity"><div class="grow">${field({ name: 'actor', label: 'Who', value: actor, placeholder: 'a GitHub login, or sluice' })}</div><button>Show</button></form>
      <div id="activity" data-part>${happened.length === 0 ? empty('Nothing happened yet', html`Pushes, commands in comments, buttons, API keys and this console: whoever changes something here is named here.`) : table('Activity', ['When', 'Who', 'What', 'Through'], rows)}</div>
      ${older === null ? nothing : html`<nav class="pager" aria-label="Pages"><a class="button" href="?${query}before=${older}">Older</a></nav>`}`,
  })
}
