// What a measurement came to, beside what it is compared with. `ratio`: how often the peer's value fits into it.
export interface Result {
  name: string
  value: number
  unit: string
  peer: string
  peerValue: number
  ratio: number
}

/** Of milliseconds. */
export function compare(name: string, measured: number, peer: string, peerMeasured: number): Result {
  const [value, peerValue] = [Math.round(measured), Math.round(peerMeasured)]
  const ratio = Math.round((value / peerValue) * 100) / 100
  return { name, value, unit: 'ms', peer, peerValue, ratio }
}

/** Of anything else, as exact as it was measured. */
export function compareExact(
  name: string,
  unit: string,
  value: number,
  peer: string,
  peerValue: number,
): Result {
  const rounded = (number: number) => Number(number.toPrecision(4))
  return {
    name,
    value: rounded(value),
    unit,
    peer,
    peerValue: rounded(peerValue),
    ratio: rounded(value / peerValue),
  }
}

export function percentile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const [low = 0, high = 0] =
    sorted.length % 2 === 1 ? [sorted[middle], sorted[middle]] : sorted.slice(middle - 1)
  return (low + high) / 2
}
