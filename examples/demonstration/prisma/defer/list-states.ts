import { defer } from '@defer/client'
import { Prisma, TicketState } from '../src/generated/prisma/client.ts'

async function listStates() {
  return { model: Prisma.ModelName.Ticket, states: Object.values(TicketState) }
}

export default defer(listStates)
