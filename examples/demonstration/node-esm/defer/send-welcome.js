import { defer } from '@defer/client'
import { greet } from '../lib/greetings.js'

async function sendWelcome(email, language = 'en') {
  const subject = greet(language)
  console.log(`to ${email}: ${subject}`)
  return { to: email, subject }
}

export default defer(sendWelcome, { retry: 5 })
