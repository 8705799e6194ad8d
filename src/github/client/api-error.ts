// What an error of GitHub's API means for us. Pure. It becomes an AppError, never logged with its request: whether a retry
// can mend it decides between "unavailable" (jobs try again) and the rest, which says what to do.
import { AppError, type Code, messageOf } from '../../errors.ts'

/** Of an answer of GitHub's; null: the error is none (our own, an abort). */
export function statusOf(error: unknown): number | null {
  const isAnswer = error instanceof Error && error.name === 'HttpError' && 'status' in error
  return isAnswer && typeof error.status === 'number' ? error.status : null
}

export function isRateLimit(error: unknown): boolean {
  const status = statusOf(error)
  return status === 429 || (status === 403 && /rate limit|abuse detection/i.test(messageOf(error)))
}

/** The error to throw on; `what` names the attempt. Errors that are not GitHub's stay as they are. */
export function explain(error: unknown, what: string): unknown {
  const status = statusOf(error)
  if (status === null) return error
  const { code, hint } = isRateLimit(error) ? limited : meaningOf(status, messageOf(error))
  const said = `${what}: GitHub answered ${status} (${messageOf(error).slice(0, 500)})`
  return new AppError(code, hint ? `${said}. ${hint}` : said, { status }, { cause: error })
}

interface Meaning {
  code: Code
  hint?: string
}

const limited: Meaning = { code: 'unavailable', hint: 'A rate limit; it is tried again later.' }

function meaningOf(status: number, message: string): Meaning {
  if (status === 401) return { code: 'unavailable', hint: 'Check APP_ID, PRIVATE_KEY and the clock.' }
  if (status === 403 && /suspended/i.test(message)) {
    return { code: 'forbidden', hint: 'Unsuspend the App in the settings of the account.' }
  }
  if (status === 403) return { code: 'forbidden', hint: 'Check the permissions granted to the App.' }
  if (status === 410 || status === 451) return { code: 'not_found' }
  if (status === 422) return { code: 'invalid' }
  // 404 among them: what was created a moment ago may not be found yet, so it is tried again for a while.
  return { code: 'unavailable' }
}

/** Runs one call; a 404 becomes null. Other errors are explained. */
export async function orNull<T>(what: string, call: () => Promise<T>): Promise<T | null> {
  try {
    return await call()
  } catch (error) {
    if (statusOf(error) === 404) return null
    throw explain(error, what)
  }
}

/** Runs calls whose errors are explained. */
export async function attempt<T>(what: string, calls: () => Promise<T>): Promise<T> {
  try {
    return await calls()
  } catch (error) {
    throw explain(error, what)
  }
}
