// The measurements of all rounds as rows: ours beside each peer. Rates are medians of the rounds, latencies those of all calls.
import { compareExact, median, percentile, type Result } from '../result.ts'
import { columns } from '../table.ts'
import type { Round } from './measure.ts'

type Measured = ReadonlyMap<string, Round[]>

const perSecond = '1/s'

const rows: { name: string; unit: string; of(rounds: Round[]): number | null }[] = [
  { name: 'drain', unit: perSecond, of: rounds => median(rounds.map(one => one.drainPerSecond)) },
  {
    name: 'enqueue one by one',
    unit: perSecond,
    of: rounds => median(rounds.map(one => one.enqueuePerSecond)),
  },
  { name: 'enqueue bulk', unit: perSecond, of: bulkOf },
  { name: 'enqueue to start p50', unit: 'ms', of: rounds => percentile(latenciesOf(rounds), 0.5) },
  { name: 'enqueue to start p99', unit: 'ms', of: rounds => percentile(latenciesOf(rounds), 0.99) },
]

export function resultsOf(measured: Measured): Result[] {
  const [ours, ...peers] = [...measured]
  if (!ours) return []
  return rows.flatMap(({ name, unit, of }) =>
    peers.flatMap(([peer, rounds]) => {
      const [value, peerValue] = [of(ours[1]), of(rounds)]
      return value === null || peerValue === null ? [] : [compareExact(name, unit, value, peer, peerValue)]
    }),
  )
}

export function roundTable(measured: Measured): string {
  const head = ['', ...rows.map(({ name, unit }) => `${name} (${unit})`)]
  const cells = [...measured].map(([name, rounds]) => [
    name,
    ...rows.map(({ of, unit }) => shown(of(rounds), unit)),
  ])
  return columns([head, ...cells])
}

function shown(value: number | null, unit: string): string {
  return value === null ? '' : value.toFixed(unit === 'ms' ? 2 : 0)
}

function latenciesOf(rounds: Round[]): number[] {
  return rounds.flatMap(one => one.latenciesMs)
}

function bulkOf(rounds: Round[]): number | null {
  const rates = rounds.flatMap(one => (one.bulkPerSecond === null ? [] : [one.bulkPerSecond]))
  return rates.length > 0 ? median(rates) : null
}
