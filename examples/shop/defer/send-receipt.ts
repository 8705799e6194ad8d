import { defer } from '@defer/client'
import { formatPrice, type Order } from '../lib/money.ts'

async function sendReceipt(order: Order): Promise<string> {
  console.log(`sending the receipt of ${order.id}`)
  return `Receipt for ${order.id}: ${formatPrice(order.cents)}`
}

export default defer(sendReceipt)
