import { defer } from '@defer/client'
import { toCsv } from 'lib/csv'
import { openOrders } from 'lib/orders'

async function exportOrders(format: 'csv' | 'json'): Promise<string> {
  return format === 'csv' ? toCsv(openOrders) : JSON.stringify(openOrders)
}

export default defer(exportOrders, { concurrency: 1, maxDuration: 600 })
