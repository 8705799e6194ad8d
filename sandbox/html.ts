// An escaping HTML tag: every interpolated value is escaped unless it is itself the result of `html` (or `trusted`).
// Pages are pure functions of their model; nothing here reads a request.

export class Html {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
  toString(): string {
    return this.text
  }
}

type Value = Html | string | number | boolean | null | undefined | readonly Value[]

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"'`]/g, character => entities[character] ?? character)
}

/** Marks text as markup. Only for text built from escaped parts. */
export function trusted(text: string): Html {
  return new Html(text)
}

export function html(strings: TemplateStringsArray, ...values: Value[]): Html {
  let text = strings[0] ?? ''
  values.forEach((value, index) => {
    text += render(value) + (strings[index + 1] ?? '')
  })
  return new Html(text)
}

function render(value: Value): string {
  if (value instanceof Html) return value.text
  if (value === null || value === undefined || value === false || value === true) return ''
  if (typeof value === 'string') return escapeHtml(value)
  if (typeof value === 'number') return String(value)
  return value.map(render).join('')
}

/** An address a page may link to: http, https or a path of our own; anything else becomes '#'. */
export function safeUrl(address: string): string {
  if (/^https?:\/\//i.test(address)) return address
  if (/^\/(?![/\\])/.test(address) || /^#[\w-]*$/.test(address)) return address
  return '#'
}
