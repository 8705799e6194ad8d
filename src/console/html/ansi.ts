// A line of a log with its colours: what programs write for terminals, as spans. Only colours and weights count; everything else a
// terminal would do (links, titles, moving the cursor) is left out, and the text is escaped like any other. Pure.
import { type Html, html } from './html.ts'

// biome-ignore lint/suspicious/noControlCharactersInRegex: the codes of terminals begin with one
const codes = /\u001b(?:\[([0-?]*)[ -/]*([@-~])|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g
const colors = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white']

interface Look {
  color: string | null
  bold: boolean
  faint: boolean
}

const plain: Look = { color: null, bold: false, faint: false }

export function colored(line: string): Html {
  const parts: Html[] = []
  let look = plain
  let at = 0
  const add = (text: string) => {
    if (text !== '') parts.push(dressed(text, look))
  }
  for (const match of line.matchAll(codes)) {
    add(line.slice(at, match.index))
    if (match[2] === 'm') look = after(look, match[1] ?? '')
    at = match.index + match[0].length
  }
  add(line.slice(at))
  return html`${parts}`
}

function dressed(text: string, { color, bold, faint }: Look): Html {
  const classes = [color && `ansi-${color}`, bold && 'ansi-bold', faint && 'ansi-faint'].filter(Boolean)
  return classes.length === 0 ? html`${text}` : html`<span class="${classes.join(' ')}">${text}</span>`
}

function after(look: Look, numbers: string): Look {
  let next = look
  for (const number of numbers.split(';').map(Number)) {
    if (number === 0) next = plain
    else if (number === 1) next = { ...next, bold: true }
    else if (number === 2) next = { ...next, faint: true }
    else if (number === 22) next = { ...next, bold: false, faint: false }
    else if (number === 39) next = { ...next, color: null }
    else if (number >= 30 && number <= 37) next = { ...next, color: colors[number - 30] ?? null }
    else if (number >= 90 && number <= 97) next = { ...next, color: colors[number - 90] ?? null }
    else if (number === 38 || number === 48) return next // colours by number: left as they are
  }
  return next
}
