// Files of NAME=value lines (.env). Node's parseEnv drops what it does not understand, cuts a value at a quote in it and keeps an
// unclosed one: a secret that is wrong is found in production, so here each such line is told instead. No message repeats a value.
// Pure.

export interface DotenvLine {
  name: string
  value: string
}

export interface Dotenv {
  lines: DotenvLine[]
  /** One sentence each, with the number of the line. */
  problems: string[]
}

const escapes: Record<string, string> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\', $: '$' }
const start = /^[ \t]*(?:export[ \t]+)?([^\s=#'"`]+)[ \t]*=[ \t]*/

/**
 * Comments (#), `export`, values bare, or in '…' and `…` as they are, or in "…" with \n \r \t \" \\ \$; those in quotes may have
 * several lines. Nothing is expanded: $ is a character.
 */
export function parseDotenv(text: string): Dotenv {
  const found: Dotenv = { lines: [], problems: [] }
  let rest = text.replace(/^\ufeff/, '').replace(/\r\n?/g, '\n')
  let number = 1
  while (rest !== '') {
    const taken = takeLine(rest, number, found)
    number += rest.slice(0, taken).split('\n').length - 1
    rest = rest.slice(taken)
  }
  return found
}

/** How many characters it was. */
function takeLine(text: string, number: number, { lines, problems }: Dotenv): number {
  const end = text.indexOf('\n') < 0 ? text.length : text.indexOf('\n') + 1
  const line = text.slice(0, end)
  if (/^\s*(#|$)/.test(line)) return end
  const [begins, name = ''] = start.exec(line) ?? []
  if (begins === undefined) {
    problems.push(`Line ${number} is neither NAME=value nor a comment.`)
    return end
  }
  const quote = line.charAt(begins.length)
  if (quote !== '' && `'"\``.includes(quote)) {
    const value = quoted(text, begins.length, quote)
    if (value === null) {
      problems.push(`Line ${number}: the value of ${name} begins with ${quote} and is never closed.`)
      return text.length
    }
    const behind = /^[^\n]*(\n|$)/.exec(text.slice(value.end))?.[0] ?? ''
    if (/^[ \t]*(#[^\n]*)?\n?$/.test(behind)) lines.push({ name, value: value.text })
    else problems.push(`Line ${number}: something stands behind the closing ${quote} of ${name}.`)
    return value.end + behind.length
  }
  const bare = line
    .slice(begins.length)
    .replace(/(^|[ \t]+)#.*$/s, '')
    .trim()
  if (bare.includes('#'))
    problems.push(
      `Line ${number}: ${name} has a # within; put its value in quotes, as programs differ there.`,
    )
  else lines.push({ name, value: bare })
  return end
}

/** Null: it is never closed. `end`: behind the closing one. */
function quoted(text: string, from: number, quote: string): { text: string; end: number } | null {
  let value = ''
  for (let at = from + 1; at < text.length; at++) {
    const character = text.charAt(at)
    if (character === quote) return { text: value, end: at + 1 }
    const escaped = quote === '"' && character === '\\' ? escapes[text.charAt(at + 1)] : undefined
    value += escaped ?? character
    if (escaped !== undefined) at += 1
  }
  return null
}
