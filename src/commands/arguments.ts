// The words of a line, sorted by what a command accepts: up to two names, a value after its keyword, a text in quotes, flags.
// Pure. Whatever is left over is refused by name: a pause of more than was meant is worse than one more comment.
import { code } from '../functions/markdown.ts'
import { type Outcome, refused } from '../functions/outcome.ts'
import type { ParsedCommand } from './parse.ts'

export interface Accepts {
  /** At most this many: environment and function. */
  names: 0 | 1 | 2
  /** The word that a value follows. */
  keyword?: 'for' | 'to'
  /** A reason in quotes. */
  text?: true
  confirm?: true
  /** A whole commit: 40 or 64 hexadecimal digits, at any place. */
  sha?: true
}

export interface Arguments {
  names: string[]
  /** What followed the keyword. */
  value: string | null
  text: string | null
  confirm: string | null
  sha: string | null
  dryRun: boolean
}

interface Shape {
  usage: string
  mutates: boolean
  accepts: Accepts
}

type Read = { kind: 'read'; arguments: Arguments }

export function readArguments(
  { words, flags }: Pick<ParsedCommand, 'words' | 'flags'>,
  { usage, mutates, accepts }: Shape,
): Read | Outcome {
  const known = [...(mutates ? ['dry-run'] : []), ...(accepts.confirm ? ['confirm'] : [])]
  const strange = [...flags.keys()].find(flag => !known.includes(flag))
  if (strange !== undefined)
    return misused('unknown_flag', `There is no ${code(`--${strange}`)} here.`, usage)
  if (flags.get('dry-run')) return misused('unexpected_value', `${code('--dry-run')} takes no value.`, usage)
  if (flags.get('confirm') === '')
    return misused('missing_value', `${code('--confirm')} needs the name it confirms.`, usage)

  const result: Arguments = {
    names: [],
    value: null,
    text: null,
    confirm: flags.get('confirm') ?? null,
    sha: null,
    dryRun: flags.has('dry-run'),
  }
  for (let at = 0; at < words.length; at++) {
    const word = words[at]
    if (!word) continue
    if (word.quoted && accepts.text && result.text === null) result.text = word.text
    else if (!word.quoted && accepts.keyword && word.text.toLowerCase() === accepts.keyword) {
      const value = words[++at]?.text
      if (value === undefined || result.value !== null)
        return misused('missing_value', `${code(accepts.keyword)} needs one value after it.`, usage)
      result.value = value
    } else if (accepts.sha && !word.quoted && result.sha === null && isCommit.test(word.text))
      result.sha = word.text.toLowerCase()
    else if (!word.quoted && result.names.length < accepts.names) result.names.push(word.text)
    else return misused('unexpected_argument', `I do not know what to do with ${code(word.text)}.`, usage)
  }
  return { kind: 'read', arguments: result }
}

const isCommit = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/i

export function misused(reason: string, what: string, usage: string): Outcome {
  return refused(reason, `${what} Usage: ${code(usage)}`)
}
