const seasons = ['winter', 'spring', 'summer', 'autumn'] as const
export type Season = (typeof seasons)[number]

/** Of a month from 1 to 12, in the north. */
export function seasonOf(month: number): Season {
  return seasons[Math.floor((month % 12) / 3)] ?? 'winter'
}
