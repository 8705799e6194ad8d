// Times as people write them: '30s', '1h30m', '2 days'. What cannot be read is refused; guessed, it would run at the wrong time.
import { SluiceError } from './errors.ts'

const units = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
} as const

const words: Record<string, keyof typeof units> = {
  ...{ ms: 'ms', msec: 'ms', millisecond: 'ms', milliseconds: 'ms' },
  ...{ s: 's', sec: 's', secs: 's', second: 's', seconds: 's' },
  ...{ m: 'm', min: 'm', mins: 'm', minute: 'm', minutes: 'm' },
  ...{ h: 'h', hr: 'h', hrs: 'h', hour: 'h', hours: 'h' },
  ...{ d: 'd', day: 'd', days: 'd' },
  ...{ w: 'w', wk: 'w', week: 'w', weeks: 'w' },
}

type Unit =
  | ('ms' | 'msec' | 'millisecond' | 'milliseconds')
  | ('s' | 'sec' | 'secs' | 'second' | 'seconds')
  | ('m' | 'min' | 'mins' | 'minute' | 'minutes')
  | ('h' | 'hr' | 'hrs' | 'hour' | 'hours')
  | ('d' | 'day' | 'days')
  | ('w' | 'wk' | 'week' | 'weeks')

/** '30s', '1h30m', '1.5 days'. */
export type Duration = `${string}${Unit}`

const part = /\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*,?/gy

export function milliseconds(duration: string): number {
  const text = duration.toLowerCase()
  let total = 0
  part.lastIndex = 0
  for (let at = 0; at < text.length; at = part.lastIndex) {
    const [, amount, word = ''] = part.exec(text) ?? []
    const unit = Object.hasOwn(words, word) ? words[word] : undefined
    if (amount === undefined || unit === undefined) throw unreadable(duration)
    total += Number(amount) * units[unit]
  }
  if (text.trim() === '') throw unreadable(duration)
  return total
}

function unreadable(duration: string): SluiceError {
  return new SluiceError(
    `"${duration}" is no duration. Write one such as "30s", "1h30m" or "2 days", or give a Date.`,
    { code: 'malformed' },
  )
}

export function dateOf(time: Duration | Date, now = Date.now()): Date {
  const date = time instanceof Date ? time : new Date(now + milliseconds(time))
  if (Number.isNaN(date.getTime()))
    throw new SluiceError('The Date that was given is invalid.', { code: 'malformed' })
  return date
}
