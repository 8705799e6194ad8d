// The command language: which lines of a comment are commands, and the words of one line. Pure, and linear in the comment's
// length. What a word means (an environment, a function) is not decided here; what is shown and not said, in markdown.ts.
import { editDistance } from '../functions/suggest.ts'
import { linesSpoken } from './markdown.ts'

export const maxCommands = 5
export const maxLineLength = 1_000

export interface Word {
  text: string
  /** Stood in quotes: it is text, never a keyword or a name. */
  quoted: boolean
}

export interface ParsedCommand {
  /** Lower-case, as in the registry; of a mistyped one as it came. */
  name: string
  words: Word[]
  /** Without dashes; the value of one that has none is ''. The last of several counts. */
  flags: ReadonlyMap<string, string>
  problem: 'line_too_long' | 'unclosed_quote' | null
  line: string
}

export interface CommentProblem {
  code: 'too_many_commands'
  /** The first command that is not carried out. */
  line: string
}

interface Language {
  /** Names of our commands. */
  names: readonly string[]
  /** Ours in front of a command: `/sluice pause`. */
  slug?: string | undefined
  /** Only commands with the slug in front are ours. */
  requirePrefix: boolean
}

const defaultSlug = 'sluice'
/** Those whose value may follow as the next word. */
const flagsWithValue = new Set(['confirm'])

export function parseComment(
  body: string,
  language: Language,
): { commands: ParsedCommand[]; problems: CommentProblem[] } {
  // As CommonMark reads it; PostgreSQL could not store it either.
  const lines = linesSpoken(body.replaceAll('\0', '\ufffd'))
  const names = new Set(language.names)
  const ours: ParsedCommand[] = []
  for (const line of lines) {
    const heard = readHead(line, language)
    if (heard && names.has(heard.name)) ours.push(readLine(line, heard))
    if (ours.length > maxCommands) break
  }
  if (ours.length === 0 && !/[\r\n]/.test(body.trim())) ours.push(...mistyped(lines, language))
  const extra = ours[maxCommands]
  return {
    commands: ours.slice(0, maxCommands),
    problems: extra ? [{ code: 'too_many_commands', line: extra.line }] : [],
  }
}

/** One line that was recognised before, read again. Null: it is none. */
export function parseLine(line: string, slug?: string): ParsedCommand | null {
  const head = readHead(line, { slug, requirePrefix: false })
  return head && readLine(line, head)
}

/** A comment that is nothing but a slip of one of our commands. Anything longer is talk that happens to hold a slash. */
function mistyped(lines: readonly string[], language: Language): ParsedCommand[] {
  const [line] = lines
  const head = lines.length === 1 && line !== undefined ? readHead(line, language) : null
  if (!head || line === undefined) return []
  const isNear = head.addressed || language.names.some(name => editDistance(name, head.name) === 1)
  return isNear ? [readLine(line, head)] : []
}

interface Head {
  name: string
  /** Named with our slug: it can be meant for nobody else. */
  addressed: boolean
  rest: string
}

function readHead(line: string, { slug, requirePrefix }: Omit<Language, 'names'>): Head | null {
  const first = /^ {0,3}\/([a-z][a-z0-9-]{0,63})(?=\s|$)/i.exec(line)
  if (!first) return null
  const word = (first[1] ?? '').toLowerCase()
  const rest = line.slice(first[0].length)
  if (word !== (slug ?? defaultSlug).toLowerCase())
    return requirePrefix ? null : { name: word, addressed: false, rest }
  const second = /^\s{1,20}([a-z][a-z0-9-]{0,63})(?=\s|$)/i.exec(rest)
  if (!second) return rest.trim() === '' ? { name: 'help', addressed: true, rest: '' } : null
  return { name: (second[1] ?? '').toLowerCase(), addressed: true, rest: rest.slice(second[0].length) }
}

function readLine(text: string, { name, rest }: Head): ParsedCommand {
  const line = text.trim()
  const command = { name, words: [], flags: new Map<string, string>(), line }
  if (line.length > maxLineLength)
    // One more than allowed, so that it is too long still when it is read again.
    return { ...command, line: `${line.slice(0, maxLineLength)}…`, problem: 'line_too_long' }
  const tokens = tokensOf(rest)
  return tokens === null
    ? { ...command, problem: 'unclosed_quote' }
    : { ...command, ...sortOut(tokens), problem: null }
}

function sortOut(tokens: readonly Word[]): Pick<ParsedCommand, 'words' | 'flags'> {
  const words: Word[] = []
  const flags = new Map<string, string>()
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at]
    if (!token) continue
    // Phones and word processors make one long dash of two.
    const flag = token.quoted ? null : /^(?:--|[\u2013\u2014])([a-z][a-z-]*)(?:=(.*))?$/is.exec(token.text)
    if (!flag) {
      words.push(token)
      continue
    }
    const name = (flag[1] ?? '').toLowerCase()
    const takesNext = flag[2] === undefined && flagsWithValue.has(name)
    flags.set(name, takesNext ? (tokens[++at]?.text ?? '') : (flag[2] ?? ''))
  }
  return { words, flags }
}

/** Opening quotation marks and what closes them. A backtick sets a name as code; it does not make text of it. */
const closing = new Map([
  ['"', '"'],
  ["'", "'"],
  ['\u201c', '\u201d'],
  ['`', '`'],
])

/** Null: a quotation mark is not closed. */
function tokensOf(text: string): Word[] | null {
  const tokens: Word[] = []
  let at = 0
  while (at < text.length) {
    if (isBlank(text[at])) {
      at++
      continue
    }
    const end = closing.get(text[at] ?? '')
    if (end !== undefined) {
      const to = text.indexOf(end, at + 1)
      if (to < 0) return null
      tokens.push({ text: text.slice(at + 1, to), quoted: end !== '`' })
      at = to + 1
      continue
    }
    const read = readWord(text, at)
    if (read === null) return null
    tokens.push({ text: read.text, quoted: false })
    at = read.at
  }
  return tokens
}

/** Up to the next blank; the value of a flag may be quoted: --confirm="a b". */
function readWord(text: string, from: number): { text: string; at: number } | null {
  let at = from
  while (at < text.length && !isBlank(text[at])) {
    const end = text[at - 1] === '=' && at > from ? closing.get(text[at] ?? '') : undefined
    if (end !== undefined && /^(?:--|[\u2013\u2014])/.test(text.slice(from, from + 2))) {
      const to = text.indexOf(end, at + 1)
      return to < 0 ? null : { text: text.slice(from, at) + text.slice(at + 1, to), at: to + 1 }
    }
    at++
  }
  return { text: text.slice(from, at), at }
}

/** Also the blank that does not break, which some keyboards write. */
function isBlank(character: string | undefined): boolean {
  return character === ' ' || character === '\t' || character === '\u00a0'
}
