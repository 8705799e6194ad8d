// Words of other people in GitHub's Markdown, one function per place they can stand in. Pure. Nothing typed by a stranger may
// become a mention, a link to an issue, HTML, an image, the end of a fence, or a command (RELIABILITY.md S66).
import { oneLine, printable } from '../../builds/plain-text.ts'

const zeroWidthSpace = '\u200b'

/** `code` within a sentence. Nothing in it is Markdown to GitHub, not even a mention. */
export function codeSpan(text: string, maxLength = 250): string {
  const line = oneLine(text, maxLength)
  if (line === '') return '` `'
  const tick = '`'.repeat(longestRun(line) + 1)
  const space = line.startsWith('`') || line.endsWith('`') ? ' ' : ''
  return `${tick}${space}${line}${space}${tick}`
}

/** A block of code, closed by more backticks than stand anywhere in it. */
export function fence(text: string, language = ''): string {
  const content = printable(text).replace(/\n+$/, '')
  const ticks = '`'.repeat(Math.max(3, longestRun(content) + 1))
  return `${ticks}${language}\n${content}\n${ticks}`
}

function longestRun(text: string): number {
  return (text.match(/`+/g) ?? []).reduce((longest, run) => Math.max(longest, run.length), 0)
}

/** Running text outside code: shown as it was typed, and nothing in it comes to life. */
export function prose(text: string, maxLength = 1_000): string {
  return oneLine(text, maxLength)
    .replace(/[\\`*_{}[\]()|~<>&!]/g, character => htmlEntities[character] ?? `\\${character}`)
    .replace(/@/g, `@${zeroWidthSpace}`)
    .replace(/#(?=\d)/g, `#${zeroWidthSpace}`)
    .replace(/\bGH-(?=\d)/gi, match => `${match}${zeroWidthSpace}`)
    .replace(/:\/\//g, `:${zeroWidthSpace}//`)
    .replace(/\bwww\./gi, match => `${match.slice(0, 3)}${zeroWidthSpace}.`)
    .replace(/^([#+-]|\d+[.)])/, `${zeroWidthSpace}$1`)
    .replace(/^\//, '\\/')
}

const htmlEntities: Record<string, string> = { '<': '&lt;', '>': '&gt;', '&': '&amp;' }

/** Cells are Markdown already. A pipe ends the cell even within code, unless an odd number of backslashes stands before it. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const cellOf = (markdown: string) =>
    markdown.replace(/\n/g, ' ').replace(/\\*\|/g, pipe => (pipe.length % 2 === 0 ? pipe : `\\${pipe}`))
  const line = (cells: readonly string[]) => `| ${cells.map(cellOf).join(' | ')} |`
  return [line(headings), line(headings.map(() => '---')), ...rows.map(line)].join('\n')
}

/** The fence that is open after this line; null: none. A line of backticks with another one behind them is no fence. */
function fenceAfter(line: string, open: string | null): string | null {
  const [, ticks = '', rest = ''] = /^ {0,3}(`{3,}(?=[^`]*$)|~{3,})(.*)$/.exec(line) ?? []
  if (open === null) return ticks || null
  return ticks[0] === open[0] && ticks.length >= open.length && rest.trim() === '' ? null : open
}

/** Our replies must never start a line that reads as a command: outside code a leading slash is escaped. */
export function withoutCommands(markdown: string): string {
  let open: string | null = null
  return markdown
    .split('\n')
    .map(line => {
      const before = open
      open = fenceAfter(line, open)
      return before === null && open === null ? line.replace(/^(\s*)\//, '$1\\/') : line
    })
    .join('\n')
}

/** At most `maxBytes`: cut at a line, with an open fence closed again and a note of what is missing. */
export function truncate(markdown: string, maxBytes: number, note = 'The rest was left out.'): string {
  if (Buffer.byteLength(markdown) <= maxBytes) return markdown
  const ending = `\n\n${note}`
  let room = maxBytes - Buffer.byteLength(ending)
  const kept: string[] = []
  let open: string | null = null
  for (const line of markdown.split('\n')) {
    const next: string | null = fenceAfter(line, open)
    // What stays open after this line must still be closed within the room.
    if (Buffer.byteLength(line) + 1 + (next ? next.length + 1 : 0) > room) break
    room -= Buffer.byteLength(line) + 1
    open = next
    kept.push(line)
  }
  return `${kept.join('\n')}${open ? `\n${open}` : ''}${ending}`
}
