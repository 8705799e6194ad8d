export type Point = readonly [latitude: number, longitude: number]

export const places = {
  lisbon: [38.72, -9.14],
  madrid: [40.42, -3.7],
  paris: [48.86, 2.35],
} as const satisfies Record<string, Point>

export type Place = keyof typeof places
