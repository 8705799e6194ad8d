import exportOrders from 'defer/export-orders'
import type { NextApiRequest, NextApiResponse } from 'next'

export default async function handler(request: NextApiRequest, response: NextApiResponse) {
  if (request.method !== 'POST') return response.status(405).end()
  const { id } = await exportOrders('csv')
  return response.status(202).json({ id })
}
