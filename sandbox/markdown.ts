// A small, safe subset of GitHub's Markdown: paragraphs, headings, lists, tables, quotes, fenced code, rules and
// <details>. Output is built with the escaping tag only, so text can never become markup. Pure.
import { type Html, html, trusted } from './html.ts'
import { renderInline } from './markdown-inline.ts'

type Lines = { all: string[]; at: number }
type Block = (lines: Lines) => Html | null

export function renderMarkdown(text: string): Html {
  const lines: Lines = { all: text.replace(/\r\n?/g, '\n').split('\n'), at: 0 }
  const blocks: Html[] = []
  while (lines.at < lines.all.length) blocks.push(nextBlock(lines))
  return html`${blocks}`
}

const parsers: Block[] = [blank, comment, fence, details, heading, rule, table, quote, list]

function nextBlock(lines: Lines): Html {
  for (const parse of parsers) {
    const block = parse(lines)
    if (block) return block
  }
  return paragraph(lines)
}

const current = (lines: Lines) => lines.all[lines.at] ?? ''

/** Takes lines for as long as they fit. */
function takeWhile(lines: Lines, fits: (line: string) => boolean): string[] {
  const start = lines.at
  while (lines.at < lines.all.length && fits(current(lines))) lines.at += 1
  return lines.all.slice(start, lines.at)
}

function blank(lines: Lines): Html | null {
  return takeWhile(lines, line => line.trim() === '').length > 0 ? html`` : null
}

/** Bots keep their markers in comments; nobody sees those. */
function comment(lines: Lines): Html | null {
  if (!current(lines).trimStart().startsWith('<!--')) return null
  const rest = lines.all.slice(lines.at).join('\n')
  const end = rest.indexOf('-->')
  if (end < 0) {
    lines.at = lines.all.length
    return html``
  }
  const after = rest.slice(end + 3)
  lines.all = after.split('\n')
  lines.at = 0
  return html``
}

function fence(lines: Lines): Html | null {
  const opening = /^ {0,3}(`{3,}|~{3,})/.exec(current(lines))?.[1]
  if (!opening) return null
  lines.at += 1
  const code = takeWhile(lines, line => !isClosing(line, opening))
  lines.at += 1
  return html`<pre><code>${code.join('\n')}</code></pre>`
}

function isClosing(line: string, opening: string): boolean {
  const text = line.trim()
  return text.length >= opening.length && text === opening.charAt(0).repeat(text.length)
}

function details(lines: Lines): Html | null {
  if (!/^\s*<details(\s+open)?>/.test(current(lines))) return null
  const isOpen = current(lines).includes(' open>')
  const inner = takeNested(lines).replace(/^\s*<details(\s+open)?>/, '')
  const [whole = '', summary = 'Details'] = /^\s*<summary>(.*?)<\/summary>/s.exec(inner) ?? []
  const body = renderMarkdown(inner.slice(whole.length))
  return html`<details${isOpen ? trusted(' open') : ''}><summary>${renderInline(summary)}</summary>${body}</details>`
}

/** Up to the closing tag that belongs to this one (or the end); tags inside fenced code are only text. */
function takeNested(lines: Lines): string {
  let depth = 0
  let inFence = false
  const taken: string[] = []
  while (lines.at < lines.all.length) {
    const line = current(lines)
    lines.at += 1
    if (/^ {0,3}(`{3,}|~{3,})/.test(line)) inFence = !inFence
    if (!inFence) depth += count(line, /<details(\s+open)?>/g) - count(line, /<\/details>/g)
    if (depth <= 0) return [...taken, line.replace(/<\/details>\s*$/, '')].join('\n')
    taken.push(line)
  }
  return taken.join('\n')
}

const count = (line: string, pattern: RegExp) => line.match(pattern)?.length ?? 0

function heading(lines: Lines): Html | null {
  const found = /^(#{1,6})\s+(.*?)\s*#*$/.exec(current(lines))
  if (!found) return null
  lines.at += 1
  const tag = trusted(`h${found[1]?.length ?? 1}`)
  return html`<${tag}>${renderInline(found[2] ?? '')}</${tag}>`
}

function rule(lines: Lines): Html | null {
  if (!/^ {0,3}([-*_])( *\1){2,}\s*$/.test(current(lines))) return null
  lines.at += 1
  return html`<hr>`
}

const divider = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/

function table(lines: Lines): Html | null {
  const next = lines.all[lines.at + 1] ?? ''
  if (!current(lines).includes('|') || !next.includes('|') || !divider.test(next)) return null
  const head = cells(current(lines))
  lines.at += 2
  const rows = takeWhile(lines, line => line.trim() !== '' && line.includes('|')).map(cells)
  return html`<table><thead><tr>${head.map(cell => html`<th>${renderInline(cell)}</th>`)}</tr></thead><tbody>${rows.map(
    row => html`<tr>${row.map(cell => html`<td>${renderInline(cell)}</td>`)}</tr>`,
  )}</tbody></table>`
}

/** A pipe inside code or after a backslash divides nothing. */
function cells(line: string): string[] {
  const text = line.trim().replace(/^\||\|$/g, '')
  const found = text.match(/(?:\\\||`[^`]*`|[^|])+|(?<=\|)(?=\|)/g) ?? []
  return found.map(cell => cell.trim().replaceAll('\\|', '|'))
}

function quote(lines: Lines): Html | null {
  const quoted = takeWhile(lines, line => /^ {0,3}>/.test(line))
  if (quoted.length === 0) return null
  return html`<blockquote>${renderMarkdown(quoted.map(line => line.replace(/^ {0,3}> ?/, '')).join('\n'))}</blockquote>`
}

const item = /^(\s*)([-*+]|\d{1,9}[.)])\s+(.*)$/

function list(lines: Lines): Html | null {
  const first = item.exec(current(lines))
  if (!first) return null
  const ordered = /\d/.test(first[2] ?? '')
  const items: string[][] = []
  takeWhile(lines, line => takeItemLine(items, line, first[1]?.length ?? 0))
  const content = items.map(text => html`<li>${renderItem(text.join('\n'))}</li>`)
  return ordered ? html`<ol>${content}</ol>` : html`<ul>${content}</ul>`
}

/** A new item at the list's own indent, or a line that belongs to the item before. */
function takeItemLine(items: string[][], line: string, indent: number): boolean {
  const found = item.exec(line)
  if (found && (found[1]?.length ?? 0) <= indent + 1) {
    items.push([found[3] ?? ''])
    return true
  }
  if (!/^\s{2,}\S/.test(line)) return false
  items.at(-1)?.push(line.replace(/^\s{2,4}/, ''))
  return true
}

function renderItem(text: string): Html {
  const task = /^\[([ xX])\]\s+(.*)$/s.exec(text)
  if (!task) return text.includes('\n') ? renderMarkdown(text) : renderInline(text)
  const checked = task[1] === ' ' ? '' : trusted(' checked')
  return html`<input type="checkbox" disabled${checked}> ${renderInline(task[2] ?? '')}`
}

function paragraph(lines: Lines): Html {
  const start = lines.at
  lines.at += 1
  takeWhile(lines, line => line.trim() !== '' && !startsBlock(line))
  return html`<p>${renderInline(lines.all.slice(start, lines.at).join('\n').trim())}</p>`
}

function startsBlock(line: string): boolean {
  return /^ {0,3}(`{3,}|~{3,}|#{1,6}\s|>|<details|<!--)/.test(line) || item.test(line)
}
