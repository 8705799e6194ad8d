import { priceOf } from '$domain/prices'
import { env } from '$env/dynamic/private'
import { signed } from '$lib/server/letters'
import { defer } from '@defer/client'

async function confirmBooking(guest: string, nights: number): Promise<string> {
  return signed(`${guest}, ${nights} nights are ${priceOf(nights)} €.`, env.HOTEL ?? 'Hotel Lilac')
}

export default defer(confirmBooking, { retry: true })
