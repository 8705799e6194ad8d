import { defer } from '@defer/client'

const shelves = { north: [3, 9, 4], south: [12, 1] }

async function countStock(warehouse) {
  const counts = shelves[warehouse]
  if (!counts) throw new Error(`there is no warehouse ${warehouse}`)
  return { warehouse, items: counts.reduce((sum, count) => sum + count, 0) }
}

export default defer(countStock, { concurrency: 1, maxConcurrencyAction: 'cancel', maxDuration: 120 })
