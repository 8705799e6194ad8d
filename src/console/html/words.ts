// Numbers, spans and times in words. Pure.

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

/** How long something took: 0.8 ms, 12 ms, 1.2 s, 3 m 4 s. */
export function duration(ms: number | null): string {
  if (ms === null) return '–'
  if (ms === 0) return '0 ms'
  if (ms < 9.95) return `${ms.toFixed(1)} ms`
  if (ms < 999.5) return `${Math.round(ms)} ms`
  if (ms < 99_500) return `${(ms / second).toFixed(ms < 9_950 ? 2 : 1)} s`
  return span(ms)
}

/** About how long: 45 seconds, 2 h 5 m, 3 d 4 h. */
export function span(ms: number): string {
  const parts: [number, string][] = [
    [Math.floor(ms / day), 'd'],
    [Math.floor((ms % day) / hour), 'h'],
    [Math.floor((ms % hour) / minute), 'm'],
    [Math.floor((ms % minute) / second), 's'],
  ]
  const first = parts.findIndex(([amount]) => amount > 0)
  if (first < 0) return '0 s'
  return parts
    .slice(first, first + 2)
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount} ${unit}`)
    .join(' ')
}

/** just now, 5 m ago, in 3 h */
export function fromNow(date: Date, now: Date): string {
  const ms = date.getTime() - now.getTime()
  const distance = Math.abs(ms)
  if (distance < 5 * second) return ms > 0 ? 'in a moment' : 'just now'
  const [amount, unit] =
    distance < minute
      ? [distance / second, 's']
      : distance < hour
        ? [distance / minute, 'm']
        : distance < 2 * day
          ? [distance / hour, 'h']
          : [distance / day, 'd']
  const words = `${Math.floor(amount)} ${unit}`
  return ms > 0 ? `in ${words}` : `${words} ago`
}

/** 2026-11-22 10:00:05 UTC */
export function utc(date: Date): string {
  return `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

/** 1,234,567 */
export function number(amount: number): string {
  return amount.toLocaleString('en')
}

/** 0 %, 0.04 %, 1.3 %, 12 % */
export function percent(part: number, whole: number): string {
  if (whole === 0) return '–'
  const value = (part / whole) * 100
  if (value === 0) return '0 %'
  return `${value < 0.1 ? value.toFixed(2) : value < 10 ? value.toFixed(1) : Math.round(value)} %`
}

export function plural(amount: number, one: string, many = `${one}s`): string {
  return `${number(amount)} ${amount === 1 ? one : many}`
}

export const shortSha = (sha: string) => sha.slice(0, 7)
