// Durations as people write them in the repository file and in commands: 30s, 15m, 2h, 7d, 1w.

const secondsOf: Record<string, number> = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 }

/** Seconds, or null when it is no duration. */
export function parseDuration(text: string): number | null {
  const [, amount, unit] = /^(\d{1,6})\s?([smhdw])$/.exec(text.trim().toLowerCase()) ?? []
  const seconds = secondsOf[unit ?? '']
  return amount === undefined || seconds === undefined ? null : Number(amount) * seconds
}
