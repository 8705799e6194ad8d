// Which lines of a comment are said, and which only shown: code, quotes and HTML comments hold no commands. Pure. Follows
// CommonMark's blocks as far as that decision needs (lists matter, because they decide where a fence ends), each character
// a bounded number of times: no pattern here can go back over what it has read. In doubt a line counts as shown.
import { spokenLines } from './inline.ts'

interface Fence {
  kind: 'fence'
  character: string
  length: number
  /** Column of the list item it stands in; a line further left ends item and fence. */
  column: number
}
interface Html {
  kind: 'html'
  end: string
  column: number
}
interface Scan {
  /** Content columns of the open list items, from the outermost. */
  items: number[]
  open: Fence | Html | null
  /** Lines of the paragraph under way. */
  paragraph: string[]
  spoken: string[]
}

/** The lines of ordinary paragraphs that start outside inline code, in order, without HTML comments. */
export function linesSpoken(comment: string): string[] {
  const scan: Scan = { items: [], open: null, paragraph: [], spoken: [] }
  for (const line of comment.split(/\r\n|\n|\r/)) readLine(scan, line)
  endParagraph(scan)
  return scan.spoken
}

function endParagraph(scan: Scan): void {
  if (scan.paragraph.length === 0) return
  // Not by spreading: a paragraph may have more lines than a call has room for arguments.
  for (const line of spokenLines(scan.paragraph)) scan.spoken.push(line)
  scan.paragraph = []
}

function readLine(scan: Scan, line: string): void {
  const indent = columnsBefore(line)
  const rest = line.trimStart()
  if (rest === '') {
    if (!scan.open) endParagraph(scan)
    return
  }
  if (scan.open) {
    if (indent >= scan.open.column) {
      if (ends(scan.open, indent, rest)) scan.open = null
      return
    }
    scan.open = null
  }
  // A line further left than its list item goes on with the item's paragraph, unless it starts something of its own.
  if (scan.paragraph.length > 0 && !startsBlock(scan, rest, indent)) {
    scan.paragraph.push(line)
    return
  }
  while (indent < (scan.items.at(-1) ?? 0)) scan.items.pop()
  readBlock(scan, line, indent, rest)
}

function readBlock(scan: Scan, line: string, indent: number, rest: string): void {
  if (indent - (scan.items.at(-1) ?? 0) >= 4) {
    if (scan.paragraph.length > 0) scan.paragraph.push(line)
    return
  }
  if (startsBlock(scan, rest, indent)) endParagraph(scan)
  const content = enterItems(scan, indent, rest)
  if (content.rest === '' || /^(?:>|#{1,6}(?:[ \t]|$))/.test(content.rest) || isRule(content.rest)) return
  scan.open = opening(content.rest, scan.items.at(-1) ?? 0)
  if (!scan.open) scan.paragraph.push(line)
  else if (ends(scan.open, content.column, content.rest.slice(1), true)) scan.open = null
}

/** Opens the list items whose markers the line starts with. More than `deepest` are nobody's list. */
function enterItems(scan: Scan, indent: number, text: string): { rest: string; column: number } {
  const deepest = 32
  let rest = text
  let column = indent
  for (let depth = 0; depth < deepest && !isRule(rest); depth++) {
    const marker = /^(?:[-+*]|\d{1,9}[.)])(?=[ \t]|$)/.exec(rest)?.[0]
    if (marker === undefined) break
    const after = rest.slice(marker.length)
    column += marker.length
    const gap = columnsBefore(after, column)
    column += gap >= 1 && gap <= 4 ? gap : 1
    scan.items.push(column)
    rest = gap > 4 ? '' : after.trimStart()
  }
  return { rest, column }
}

/** Whether the line ends a paragraph before it. Inside a list any marker goes on with the list. */
function startsBlock({ items }: Scan, rest: string, indent: number): boolean {
  const column = items.findLast(item => item <= indent) ?? 0
  if (indent - column >= 4) return false
  const marker = items.length > 0 ? /^(?:[-+*]|\d{1,9}[.)])(?:[ \t]|$)/ : /^(?:[-+*]|1[.)])[ \t]+\S/
  return (
    marker.test(rest) || /^(?:>|#{1,6}(?:[ \t]|$))/.test(rest) || isRule(rest) || opening(rest, 0) !== null
  )
}

function isRule(rest: string): boolean {
  const first = rest[0]
  if (first !== '-' && first !== '*' && first !== '_' && first !== '=') return false
  const marks = rest.replaceAll(/[ \t]/g, '')
  return marks.length >= (first === '=' ? 1 : 3) && marks === first.repeat(marks.length)
}

/** Elements whose content is shown as it stands, or is somebody else's words. */
const shownElement = /^<(pre|script|style|textarea|blockquote|code)(?=[\s>]|$)/i

function opening(rest: string, column: number): Fence | Html | null {
  const marks = /^(?:`{3,}|~{3,})/.exec(rest)?.[0]
  if (marks && !(marks[0] === '`' && rest.includes('`', marks.length)))
    return { kind: 'fence', character: marks[0] ?? '', length: marks.length, column }
  if (rest.startsWith('<!--')) return { kind: 'html', end: '-->', column }
  const element = shownElement.exec(rest)?.[1]
  return element ? { kind: 'html', end: `</${element.toLowerCase()}>`, column } : null
}

function ends(open: Fence | Html, indent: number, rest: string, openingLine = false): boolean {
  if (open.kind === 'html') return rest.toLowerCase().includes(open.end)
  if (openingLine || indent - open.column >= 4) return false
  const marks = rest.trimEnd()
  return marks.length >= open.length && marks === open.character.repeat(marks.length)
}

/** Columns of blanks that a text standing at `from` starts with; a tab goes to the next multiple of four. */
function columnsBefore(text: string, from = 0): number {
  let column = from
  for (const character of text) {
    if (character === ' ') column++
    else if (character === '\t') column += 4 - (column % 4)
    else break
  }
  return column - from
}
