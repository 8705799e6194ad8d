// The question before an action: what it is about, what would happen, what has to be said. Pure.
import type { Outcome } from '../../functions/outcome.ts'
import { environmentPath, segment } from '../context.ts'
import { type Html, html, nothing } from '../html/html.ts'
import { environmentPage, said, token } from '../html/layout.ts'
import { sentences } from '../html/markdown.ts'
import type { Action, Asked } from './action.ts'

interface Confirming {
  action: Action
  asked: Asked
  fields: Html
  /** What a dry run said; null: none was made. */
  plan: Outcome | null
  /** Why it was not done. */
  refusal: Outcome | null
  back: string
}

export function confirmPage({ action, asked, fields, plan, refusal, back }: Confirming): Html {
  const { visit, functionName } = asked
  const path = environmentPath(visit)
  const subject = functionName ?? visit.environment.name
  const isIdle = plan !== null && plan.kind !== 'done' && plan.code !== 'dry_run'
  return environmentPage({
    visit,
    title: `${action.title} ${subject}`,
    tab: 'functions',
    trail:
      functionName === null
        ? []
        : [{ label: functionName, path: `${path}/functions/${segment(functionName)}` }],
    content: html`<div class="head"><h1>${action.title} <code>${subject}</code> in ${visit.environment.name}?</h1></div>
      ${refusal ? said(refusal) : nothing}
      <p class="soft">${action.lesson}</p>
      ${plan ? html`<p class="notice ${plan.kind === 'refused' ? 'bad' : ''}">${sentences(plan.message)}</p>` : nothing}
      <form class="stack" method="post" action="${path}/do/${action.name}">${token(visit)}<input type="hidden" name="function" value="${functionName ?? ''}"><input type="hidden" name="back" value="${back}">
        ${isIdle ? nothing : fields}
        <div class="actions">${isIdle ? nothing : html`<button class="primary ${action.danger ? 'danger' : ''}">${action.button ?? action.title}</button>`}<a class="button" href="${back}">${isIdle ? 'Back' : 'Leave it'}</a></div></form>`,
  })
}
