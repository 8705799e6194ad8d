// What is going to be deleted, and when; each can be taken back until then. Pure.
import { environmentPath, type InEnvironment, segment } from '../context.ts'
import { type Html, html } from '../html/html.ts'
import { environmentPage } from '../html/layout.ts'
import { empty, table, when } from '../html/parts.ts'
import { number, span } from '../html/words.ts'
import type { ShownFunction } from '../insights/insights-store.ts'

export function deletionsPage(visit: InEnvironment, pending: readonly ShownFunction[]): Html {
  const path = environmentPath(visit)
  const rows = pending.map(({ name, deletion, queued }) => {
    const at = deletion?.executeAt ?? visit.now
    return html`<tr><td class="name"><a href="${path}/functions/${segment(name)}">${name}</a></td><td>${deletion?.actor}</td><td>${when(at, visit.now)} <span class="under">${span(Math.max(0, at.getTime() - visit.now.getTime()))} left</span></td><td class="number ${queued > 0 ? 'is-bad' : ''}">${number(queued)}</td><td class="act"><a class="button" href="${path}/do/cancel-deletion?function=${segment(name)}" aria-label="Cancel the deletion of ${name}">Cancel</a></td></tr>`
  })
  return environmentPage({
    visit,
    title: 'Deletions',
    tab: 'deletions',
    live: true,
    content: html`<div class="head"><h1>Deletions</h1></div><div id="deletions" data-part>${
      pending.length === 0
        ? empty(
            'Nothing is going to be deleted',
            html`A deletion waits out its grace (<code>functions.deletion_grace</code>); until then it stands here and can be cancelled.`,
            html`A function that only left the code is archived, never deleted.`,
          )
        : table(
            'Deletions',
            ['Function', 'Asked for by', 'Deleted', { name: 'Held executions', number: true }, ''],
            rows,
          )
    }</div>`,
  })
}
