import { distance } from '@acme/geo/distance'
import { type Place, places } from '@acme/geo'
import { defer } from '@defer/client'

async function planRoute(stops: Place[]): Promise<number> {
  const legs = stops.slice(1).map((stop, index) => distance(places[stops[index] ?? stop], places[stop]))
  return Math.round(legs.reduce((sum, leg) => sum + leg, 0))
}

export default defer(planRoute, { concurrency: 2 })
