// What the program ends with, for scripts: one table, of which docs/command-line.md is written and which --help shows. Pure.
import { AppError, type Code } from '../errors.ts'

export const exitCodes = {
  done: { code: 0, means: 'done' },
  failed: { code: 1, means: 'something else went wrong; settings are wrong; sluice doctor found something' },
  misunderstood: { code: 2, means: 'the command, an option or an argument was not understood' },
  notAllowed: { code: 3, means: 'no key, one that is not valid, or one whose role is too low' },
  notFound: { code: 4, means: 'what was named is not there' },
  refused: { code: 5, means: 'refused as things stand, or the value cannot be taken' },
  notConfirmed: { code: 6, means: 'it has to be confirmed, and was not' },
  outOfReach: { code: 7, means: 'the server is out of reach or failed; the same again may work' },
  endedBadly: { code: 8, means: 'what was followed to its end (-f) has failed' },
  interrupted: { code: 130, means: 'interrupted (Ctrl-C)' },
} as const

const named: Partial<Record<Code, keyof typeof exitCodes>> = {
  malformed: 'misunderstood',
  unauthorized: 'notAllowed',
  forbidden: 'notAllowed',
  not_found: 'notFound',
  conflict: 'refused',
  invalid: 'refused',
  too_large: 'refused',
  unsupported_media_type: 'refused',
  rate_limited: 'outOfReach',
  unavailable: 'outOfReach',
}

export const notConfirmed = 'not_confirmed'

export function exitCodeOf(error: unknown): number {
  if (isMisunderstood(error)) return exitCodes.misunderstood.code
  if (!(error instanceof AppError)) return exitCodes.failed.code
  if (error.details?.reason === notConfirmed) return exitCodes.notConfirmed.code
  return exitCodes[named[error.code] ?? 'failed'].code
}

/** What util.parseArgs throws. */
export function isMisunderstood(error: unknown): error is TypeError {
  return error instanceof TypeError && 'code' in error && `${error.code}`.startsWith('ERR_PARSE_ARGS')
}

export function exitCodesTable(): string {
  return Object.values(exitCodes)
    .map(({ code, means }) => `  ${String(code).padStart(3)}  ${means}\n`)
    .join('')
}
