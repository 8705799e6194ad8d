import { defer } from '@defer/client'
import { TicketMail } from '../emails/ticket-mail'

export interface Ticket {
  event: string
  seat: string
  email: string
}

async function sendTicket(ticket: Ticket) {
  const html = (<TicketMail {...ticket} />).toString()
  return { to: ticket.email, html }
}

export default defer(sendTicket)
