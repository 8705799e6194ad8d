// What --help says: of a noun its verbs, of a verb what it takes, with examples. Pure.
import { exitCodesTable } from './exit-codes.ts'
import { common, type Noun, type Option, type Verb } from './verb.ts'

export function helpOfNoun(name: string, noun: Noun): string {
  const rows = Object.entries(noun.verbs).map(
    ([verb, one]) => [`sluice ${name} ${verb}${takesOf(one)}`, one.summary] as const,
  )
  const about = noun.about ? `\n${noun.about.trim()}\n` : ''
  return `${noun.summary} Asks a server over HTTP, with the key of "sluice login".
${about}
${columns(rows)}
"sluice ${name} <verb> --help" says what each takes. All of them take:
${optionsText(common)}`
}

export function helpOfVerb(noun: string, name: string, verb: Verb): string {
  const own = verb.options ? `\n${optionsText(verb.options)}` : ''
  const examples = verb.examples.map(one => `  ${one}\n`).join('')
  return `${verb.summary}

Usage: sluice ${noun} ${name}${takesOf(verb)}${verb.options ? ' [options]' : ''}
${own}
${optionsText(common)}
Examples:
${examples}
Exit codes:
${exitCodesTable()}`
}

function takesOf({ takes = [] }: Verb): string {
  return takes.map(one => (one.endsWith('?') ? ` [${one.slice(0, -1)}]` : ` <${one}>`)).join('')
}

function optionsText(options: Readonly<Record<string, Option>>): string {
  return columns(
    Object.entries(options).map(([name, { short, value, words, help }]) => {
      const shown = words?.join('|') ?? value
      const letter = short ? `-${short}, ` : ''
      return [`${letter}--${name}${shown ? ` ${shown}` : ''}`, help] as const
    }),
  )
}

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.min(44, Math.max(...rows.map(([left]) => left.length)))
  return rows
    .map(([left, right]) => {
      const apart = left.length > width ? `\n  ${' '.repeat(width)}` : ' '.repeat(width - left.length)
      return `  ${left}${apart}  ${right}\n`
    })
    .join('')
}
