import { defer } from '@defer/client'
import { type Member, renderWelcome } from '@/emails/welcome'
import { deliver } from '@/lib/mailer'

async function sendWelcome(member: Member) {
  return deliver(member.email, renderWelcome(member))
}

export default defer(sendWelcome, { retry: 5 })
