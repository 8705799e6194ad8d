import { defer } from '@defer/client'
import { parse } from 'yaml'

async function checkSettings(text) {
  const { region, replicas = 1 } = parse(text)
  return { region, replicas, valid: Number.isInteger(replicas) && replicas > 0 }
}

export default defer.cron(checkSettings, '*/30 * * * *')
