// The words behind a verb: options by util.parseArgs, positionals by the verb's own list. What is mistyped is told with the nearest
// there is. Pure.
import { parseArgs } from 'node:util'
import { AppError } from '../errors.ts'
import { suggest } from '../functions/suggest.ts'
import { common, type Option, type Verb } from './verb.ts'

export interface Parsed {
  given: string[]
  values: Record<string, string | boolean | undefined>
}

/** @throws AppError `malformed`, which says what is wrong and where the help is. */
export function parseVerb(command: string, verb: Verb, args: string[]): Parsed {
  const options: Record<string, Option> = { ...common, ...verb.options }
  const { values, positionals } = read(command, options, args)
  if (values.help) return { values, given: [] }
  for (const [name, { words }] of Object.entries(options)) {
    const value = values[name]
    if (words && typeof value === 'string' && !words.includes(value))
      throw misunderstood(command, `--${name} ${value}: give ${listed(words)}.${near(value, words)}`)
  }
  return { values, given: positionalsOf(command, verb.takes ?? [], positionals) }
}

function read(command: string, options: Record<string, Option>, args: string[]) {
  const described = Object.fromEntries(
    Object.entries(options).map(([name, { type, short }]) => [name, { type, ...(short && { short }) }]),
  )
  const { tokens } = parseArgs({
    args,
    options: described,
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  for (const token of tokens) {
    if (token.kind !== 'option' || Object.hasOwn(options, token.name)) continue
    const names = Object.keys(options)
    throw misunderstood(command, `There is no option ${token.rawName}.${near(token.name, names, '--')}`)
  }
  try {
    return parseArgs({ args, options: described, strict: true, allowPositionals: true })
  } catch (error) {
    throw misunderstood(command, `${error instanceof Error ? error.message : error}`)
  }
}

function positionalsOf(command: string, takes: readonly string[], given: string[]): string[] {
  const missing = takes.find((name, index) => !name.endsWith('?') && given[index] === undefined)
  if (missing) throw misunderstood(command, `Say which ${missing}.`)
  const extra = given[takes.length]
  if (extra !== undefined) throw misunderstood(command, `"${extra}" is not expected here.`)
  return takes.map((_name, index) => given[index] ?? '')
}

export function misunderstood(command: string, what: string): AppError {
  return new AppError('malformed', `${what} "${command} --help" shows what there is.`)
}

/** A sentence, or nothing where nothing is near. */
export function near(word: string, words: readonly string[], before = ''): string {
  const found = suggest(word, words)
  return found ? ` Did you mean ${before}${found}?` : ''
}

export function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
}
