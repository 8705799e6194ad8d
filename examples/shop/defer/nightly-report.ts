import { defer } from '@defer/client'

async function nightlyReport(): Promise<string> {
  return `report of ${new Date().toISOString().slice(0, 10)}`
}

export default defer.cron(nightlyReport, '0 3 * * *')
