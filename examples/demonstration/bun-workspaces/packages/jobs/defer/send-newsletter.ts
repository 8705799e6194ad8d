import { newsletter } from '@acme/newsletter'
import { defer } from '@defer/client'

async function sendNewsletter(subscribers: string[]) {
  return { to: subscribers.length, text: newsletter }
}

export default defer.cron(sendNewsletter, '0 9 1 * *')
