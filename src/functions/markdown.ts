// How words of other people (names, reasons) stand in our Markdown: as code, where GitHub turns nothing into a mention, a
// link or HTML, on one line, and without a backtick to break out with. Pure.

const maxLength = 200

export function code(text: string): string {
  const onOneLine = text.replaceAll(/[\s\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim()
  const shortened =
    onOneLine.length > maxLength ? `${onOneLine.slice(0, maxLength).toWellFormed()}…` : onOneLine
  return `\`${shortened.replaceAll('`', "'") || ' '}\``
}

export function codes(texts: readonly string[], limit = 20): string {
  const rest = texts.length - limit
  return texts.slice(0, limit).map(code).join(', ') + (rest > 0 ? ` and ${rest} more` : '')
}

/** 2026-11-22 10:00 UTC */
export function atTime(date: Date): string {
  return `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

export function count(amount: number, one: string): string {
  return `${amount} ${one}${amount === 1 ? '' : 's'}`
}
