import { createServer } from 'node:http'
import sendWelcome from './defer/send-welcome.js'

const server = createServer(async (request, response) => {
  if (request.method !== 'POST' || request.url !== '/sign-ups') {
    response.writeHead(404).end()
    return
  }
  const { email, language } = JSON.parse(await read(request))
  const { id } = await sendWelcome(email, language)
  response.writeHead(202, { 'content-type': 'application/json' }).end(JSON.stringify({ id }))
})

async function read(request) {
  let text = ''
  for await (const chunk of request) text += chunk
  return text
}

server.listen(process.env.PORT ?? 3000)
