// What cannot be taken back is confirmed by its name: with --confirm NAME, or typed at a terminal.
import { AppError } from '../errors.ts'
import { notConfirmed } from './exit-codes.ts'
import type { Asked, Option } from './verb.ts'

export const confirmOption = {
  confirm: { type: 'string', value: 'NAME', help: 'the name once more; without it a terminal is asked' },
} as const satisfies Record<string, Option>

/** `name`: what has to be said. @throws AppError that ends the program with a code of its own. */
export async function confirm({ text, terminal }: Asked, what: string, name: string): Promise<void> {
  const given = text('confirm')
  if (given === name) return
  if (given === undefined && terminal.canAsk) {
    const typed = await terminal.ask(`${what} Type ${name} to go on: `)
    if (typed.trim() === name) return
    throw refused(`"${typed.trim()}" is not ${name}: nothing was done.`)
  }
  throw refused(
    given === undefined
      ? `${what} Add --confirm ${name} to go on: nothing was done.`
      : `--confirm ${given} is not ${name}: nothing was done.`,
  )
}

const refused = (message: string) => new AppError('conflict', message, { reason: notConfirmed })
