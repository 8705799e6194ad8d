// The aliases of a vite.config or svelte.config, read without running it: it is a stranger's program. Understood are the forms
// people write: `alias: { '@': … }` and `alias: [{ find: '@', replacement: … }]` whose values are a string,
// path.resolve(__dirname, '…'), path.join(…), fileURLToPath(new URL('…', import.meta.url)) or new URL(…).pathname. Pure.
import { withoutComments } from './plain-javascript.ts'

export interface Alias {
  find: string
  /** Begins with "./", "../" or "/" where it is a path from the configuration's folder; else the name of a package. */
  replacement: string
}

export interface Aliases {
  aliases: Alias[]
  /** What stands there and is not understood. */
  unread: string[]
}

/** `section` holds the aliases: "resolve" in Vite's configuration (Vitest has others), "kit" in SvelteKit's. */
export function readAliases(text: string, section: 'resolve' | 'kit'): Aliases {
  const code = withoutComments(text)
  const found: Aliases = { aliases: [], unread: [] }
  for (const start of code.matchAll(new RegExp(`(?<![\\w$.])${section}\\s*:\\s*(?={)`, 'g'))) {
    const block = blockAt(code, start.index + start[0].length)
    const alias = block && pairsOf(block.slice(1, -1)).find(({ find }) => find === 'alias')
    if (block === null) found.unread.push(section)
    else if (alias) collect(alias.value ?? '', found)
  }
  return found
}

function collect(value: string, found: Aliases): void {
  const list = value.startsWith('{') ? pairsOf : value.startsWith('[') ? entriesOf : null
  if (list === null) found.unread.push(value)
  else
    for (const { find, value: target } of list(value.slice(1, -1))) {
      const replacement = target === null ? null : evaluate(target)
      if (find === null || replacement === null) found.unread.push(find ?? target ?? value)
      else found.aliases.push({ find, replacement })
    }
}

interface Pair {
  find: string | null
  value: string | null
}

function pairsOf(text: string): Pair[] {
  return splitList(text).map(part => {
    const at = colonIn(part)
    if (at === -1) return { find: null, value: part }
    return { find: nameOf(part.slice(0, at)), value: part.slice(at + 1).trim() }
  })
}

function entriesOf(text: string): Pair[] {
  return splitList(text).map(part => {
    if (!part.startsWith('{')) return { find: null, value: part }
    const fields = new Map(pairsOf(part.slice(1, -1)).map(({ find, value }) => [find, value]))
    const find = fields.get('find')
    return { find: find ? literal(find) : null, value: fields.get('replacement') ?? null }
  })
}

function nameOf(key: string): string | null {
  const text = key.trim()
  return /^[\w$]+$/.test(text) ? text : literal(text)
}

function evaluate(value: string): string | null {
  const plain = literal(value)
  if (plain !== null) return plain
  const url =
    /^(?:\w+\.)?fileURLToPath\(\s*new URL\(\s*(['"`][^'"`]*['"`])\s*,\s*import\.meta\.url\s*,?\s*\)\s*,?\s*\)$/.exec(
      value,
    ) ?? /^new URL\(\s*(['"`][^'"`]*['"`])\s*,\s*import\.meta\.url\s*,?\s*\)\.pathname$/.exec(value)
  if (url) return relative(literal(url[1] ?? ''))
  const call = /^(?:\w+\.)?(?:resolve|join)\(([^()]*(?:\(\))?[^()]*)\)$/.exec(value)
  return call ? joined(splitList(call[1] ?? '')) : null
}

/** The arguments of path.resolve: the configuration's own folder first, or nothing, which means the same. */
function joined(parts: string[]): string | null {
  const own = /^(?:__dirname|import\.meta\.dirname|process\.cwd\(\))$/
  const names = (own.test(parts[0] ?? '') ? parts.slice(1) : parts).map(literal)
  if (names.some(name => name === null)) return null
  return relative(names.join('/'))
}

function relative(text: string | null): string | null {
  return text === null ? null : /^\.{0,2}\//.test(text) ? text : `./${text}`
}

function literal(text: string): string | null {
  const [, quote = '', inner = ''] = /^(['"`])((?:(?!\1)[^\\])*)\1$/s.exec(text.trim()) ?? []
  return quote === '' || (quote === '`' && inner.includes('${')) ? null : inner
}

const openers = '{[('
const closers = '}])'

/** Calls `visit` with each character that is in no string and its depth, until it answers false. */
function walk(
  text: string,
  from: number,
  visit: (character: string, index: number, depth: number) => boolean,
): void {
  let depth = 0
  let quote = ''
  for (let index = from; index < text.length; index++) {
    const character = text.charAt(index)
    if (quote !== '') {
      if (character === '\\') index++
      else if (character === quote) quote = ''
      continue
    }
    if (`'"\``.includes(character)) quote = character
    if (closers.includes(character)) depth--
    if (!visit(character, index, depth)) return
    if (openers.includes(character)) depth++
  }
}

/** From the bracket at `from` to the one that closes it. */
function blockAt(text: string, from: number): string | null {
  let end = -1
  walk(text, from, (character, index, depth) => {
    if (depth === 0 && closers.includes(character)) end = index
    return end === -1
  })
  return end === -1 ? null : text.slice(from, end + 1)
}

/** The parts between the commas of the outermost level. */
function splitList(text: string): string[] {
  const cuts = [-1]
  walk(text, 0, (character, index, depth) => {
    if (character === ',' && depth === 0) cuts.push(index)
    return true
  })
  return cuts.map((cut, index) => text.slice(cut + 1, cuts[index + 1]).trim()).filter(part => part !== '')
}

function colonIn(text: string): number {
  let found = -1
  walk(text, 0, (character, index, depth) => {
    if (character === ':' && depth === 0) found = index
    return found === -1
  })
  return found
}
