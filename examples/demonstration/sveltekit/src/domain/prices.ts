const perNight = 80

export function priceOf(nights: number): number {
  return nights * perNight - (nights >= 7 ? perNight : 0)
}
