// What a command against a server is: a noun, a verb, what it takes, and what it shows. One table of them makes the parser, the
// help and the completion.
import type { Server } from './server.ts'
import type { Terminal } from './terminal.ts'

export interface Option {
  type: 'string' | 'boolean'
  short?: string
  /** What stands for its value in the help. */
  value?: string
  /** All values there are, where they are few. */
  words?: readonly string[]
  help: string
}

export interface Asked {
  /** As many as `takes` names; one that may be left out is an empty text. */
  given: string[]
  text(option: string): string | undefined
  flag(option: string): boolean
  /** Of the program's environment; a blank one is none. */
  setting(name: string): string | undefined
  server: Server
  terminal: Terminal
}

/** For programs the data, for people the text. */
export interface Shown {
  data: unknown
  text(terminal: Terminal): string
  /** Where it is not 0. */
  exitCode?: number
}

export interface Verb {
  summary: string
  /** Names of what stands behind it; one that ends with ? may be left out. */
  takes?: readonly string[]
  options?: Readonly<Record<string, Option>>
  examples: readonly string[]
  /** Resolves to what is to be shown; to an exit code, where it has shown everything itself. */
  run(asked: Asked): Promise<Shown | number>
}

export interface Noun {
  summary: string
  /** What a person should know before the list of verbs. */
  about?: string
  verbs: Readonly<Record<string, Verb>>
}

/** Every command against a server takes these. */
export const common = {
  server: { type: 'string', value: 'URL', help: 'instead of the one of "sluice login" or SLUICE_SERVER' },
  environment: { type: 'string', short: 'e', value: 'NAME', help: 'where the key is for a whole repository' },
  json: { type: 'boolean', help: 'the same for programs' },
  help: { type: 'boolean', short: 'h', help: 'this' },
} as const satisfies Record<string, Option>
