import { dueAfter } from '@acme/calendar'
import { defer } from '@defer/client'

async function remindOfInvoice(invoice: string, sentAt: string) {
  return { invoice, dueAt: dueAfter(sentAt, 10) }
}

export default defer(remindOfInvoice, { retry: 5 })
