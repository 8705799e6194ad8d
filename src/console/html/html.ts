// The one way to markup: a tag that escapes every value unless that is markup itself. Pages are pure functions of what they
// show. Attributes are always quoted where they are written, so that one way of escaping does for both.

export class Html {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
  toString(): string {
    return this.text
  }
}

export type Value = Html | URLSearchParams | string | number | boolean | null | undefined | readonly Value[]

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
}

// What turns the direction of the text around it, or cannot be seen, stands as its code: a name must not look like another.
const hidden = /(?![\t\n\r\u200c\u200d])[\p{Cc}\p{Cf}]/gu

export function escapeHtml(text: string): string {
  return text
    .toWellFormed()
    .replace(hidden, one => `\\u${(one.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`)
    .replace(/[&<>"'`]/g, character => entities[character] ?? character)
}

export function html(strings: TemplateStringsArray, ...values: Value[]): Html {
  let text = strings[0] ?? ''
  for (const [index, value] of values.entries()) text += render(value) + (strings[index + 1] ?? '')
  return new Html(text)
}

/** Nothing at all: for what is left out. */
export const nothing = new Html('')

function render(value: Value): string {
  if (value instanceof Html) return value.text
  if (value === null || value === undefined || typeof value === 'boolean') return ''
  if (typeof value === 'number') return String(value)
  if (value instanceof URLSearchParams) return escapeHtml(value.toString())
  return typeof value === 'string' ? escapeHtml(value) : value.map(render).join('')
}
