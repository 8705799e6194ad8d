import { defer } from '@defer/client'

const startedAt = new Date()

async function countSignUps() {
  return `sign-ups counted by a process of ${startedAt.toISOString().slice(0, 10)}`
}

export default defer.cron(countSignUps, '0 6 * * *')
