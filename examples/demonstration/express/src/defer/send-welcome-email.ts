import { defer } from '@defer/client'
import { send } from '#lib/mailer'

async function sendWelcomeEmail(user: { email: string; name: string }) {
  return send({ to: user.email, subject: `Welcome, ${user.name}!` })
}

export default defer(sendWelcomeEmail, {
  retry: { maxAttempts: 8, initialInterval: 30, multiplier: 2 },
})
