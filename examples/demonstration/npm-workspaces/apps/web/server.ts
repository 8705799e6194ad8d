import { createServer } from 'node:http'
import { sendReminder } from '@acme/jobs'

createServer(async (request, response) => {
  const email = new URL(request.url ?? '/', 'http://localhost').searchParams.get('email')
  if (email) await sendReminder(email)
  response.writeHead(email ? 202 : 400).end()
}).listen(3000)
