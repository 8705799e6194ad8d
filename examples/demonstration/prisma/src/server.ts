import { createServer } from 'node:http'
import closeTickets from '../defer/close-tickets.ts'

createServer(async (_request, response) => {
  const { id } = await closeTickets(30)
  response.writeHead(202).end(id)
}).listen(3000)
