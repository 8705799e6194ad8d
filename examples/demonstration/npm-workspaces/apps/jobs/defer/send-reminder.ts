import { reminder } from '@acme/mail'
import { defer } from '@defer/client'
import { addressee } from '@shared/people'

async function sendReminder(email: string): Promise<string> {
  return reminder(addressee(email))
}

export default defer(sendReminder)
