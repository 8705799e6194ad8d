import prices = require('@acme/prices')
import { defer } from '@defer/client'

async function chargeCustomer(customer: string, cents: number): Promise<string> {
  return `${customer} pays ${prices.show(cents, prices.Currency.Euro)}`
}

export default defer(chargeCustomer, { retry: { maxAttempts: 3, initialInterval: 60 } })
