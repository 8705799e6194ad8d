import { defer } from '@defer/client'
import letter from '../letters/invoice.txt' with { type: 'text' }

export type Invoice = { number: string; customer: string; cents: number }

async function sendInvoice({ number, customer, cents }: Invoice): Promise<string> {
  const amount = `${(cents / 100).toFixed(2)} €`
  return letter.replace('{number}', number).replace('{customer}', customer).replace('{amount}', amount).trim()
}

export default defer(sendInvoice, { retry: true })
