import { defer } from '@defer/client'
import { seasonOf } from '#shared/seasons'
import { items } from '~~/server/catalogue'

async function sendCatalogue(email: string, month = 5) {
  const season = seasonOf(month)
  return { email, season, items: items.filter(item => item.season === season).map(item => item.name) }
}

export default defer(sendCatalogue, { retry: 4 })
