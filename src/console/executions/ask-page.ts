// The questions before many executions are cancelled or rerun, or one under way is aborted. Pure.
import { environmentPath, type InEnvironment } from '../context.ts'
import { type Html, html, nothing } from '../html/html.ts'
import { environmentPage, token } from '../html/layout.ts'
import { plural } from '../html/words.ts'
import { type BulkVerb, type Counted, mostAtOnce } from './bulk.ts'
import { type Filled, writeFilled } from './filters.ts'

interface Asking {
  visit: InEnvironment
  verb: BulkVerb
  filled: Filled
  counted: Counted
}

const words = {
  cancel: {
    title: 'Cancel',
    lesson: 'Only queued ones are cancelled, those that have begun are left alone.',
    none: 'No queued execution is like that.',
  },
  rerun: {
    title: 'Rerun',
    lesson: 'Each is called again with the same arguments and metadata, as an execution of its own.',
    none: 'No finished execution is like that.',
  },
} as const

export function askBulkPage({ visit, verb, filled, counted: { amount, more, upTo } }: Asking): Html {
  const path = `${environmentPath(visit)}/executions`
  const query = writeFilled(filled)
  const { title, lesson, none } = words[verb]
  const said = [...query].map(([name, value]) => html`<li><code>${name}=${value}</code></li>`)
  return environmentPage({
    visit,
    title: `${title} executions`,
    tab: 'executions',
    content: html`<div class="head"><h1>${amount === 0 ? none : html`${title} ${more ? 'the newest ' : ''}${plural(amount, 'execution')} in ${visit.environment.name}?`}</h1></div>
      ${amount === 0 ? nothing : html`<p class="soft">${lesson}${more ? ` There are more: ${mostAtOnce} are done at once, then ask again.` : ''}</p>`}
      ${said.length > 0 ? html`<ul class="chips">${said}</ul>` : html`<p class="notice">No filter is set: these are all there are.</p>`}
      <form class="stack" method="post" action="${path}/all/${verb}?${query}">${token(visit)}<input type="hidden" name="up-to" value="${upTo}"><div class="actions">${amount === 0 ? nothing : html`<button class="primary ${verb === 'cancel' ? 'danger' : ''}">${title} ${plural(amount, 'execution')}</button>`}<a class="button" href="${path}?${query}">Leave them</a></div></form>`,
  })
}

export function askAbortPage(visit: InEnvironment, id: string): Html {
  const path = `${environmentPath(visit)}/executions/${id}`
  return environmentPage({
    visit,
    title: 'Abort',
    tab: 'executions',
    trail: [{ label: id.slice(0, 8), path }],
    content: html`<div class="head"><h1>Abort this execution?</h1></div><p class="soft">It is told by its signal and ends within a second, wherever it is in its work. It is not tried again.</p>
      <form class="stack" method="post" action="${path}/abort">${token(visit)}<div class="actions"><button class="primary danger">Abort</button><a class="button" href="${path}">Leave it</a></div></form>`,
  })
}
