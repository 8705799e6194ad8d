// What the verbs say (functions/outcome.ts): sentences in which code and names in bold stand out. Anything else is text. Pure.
import { type Html, html } from './html.ts'

export function sentences(text: string): Html {
  const parts = text.split(/(`[^`]*`|\*\*[^*]+\*\*)/)
  return html`${parts.map(part => {
    if (/^`.*`$/s.test(part)) return html`<code>${part.slice(1, -1)}</code>`
    return /^\*\*.+\*\*$/s.test(part) ? html`<strong>${part.slice(2, -2)}</strong>` : part
  })}`
}
