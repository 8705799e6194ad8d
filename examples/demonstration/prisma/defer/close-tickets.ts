import { defer } from '@defer/client'
import { prisma } from '../src/database.ts'

async function closeTickets(afterDays: number): Promise<number> {
  const before = new Date(Date.now() - afterDays * 86_400_000)
  const { count } = await prisma.ticket.updateMany({
    where: { state: 'waiting', updatedAt: { lt: before } },
    data: { state: 'closed' },
  })
  return count
}

export default defer.cron(closeTickets, '0 5 * * *', { concurrency: 1 })
