const { createServer } = require('node:http')
const expireSessions = require('./defer/expire-sessions')

createServer(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://localhost')
  if (request.method !== 'POST' || pathname !== '/sessions/expire') {
    response.writeHead(404).end()
    return
  }
  const { id } = await expireSessions(searchParams.get('after') ?? '30 days')
  response.writeHead(202).end(id)
}).listen(process.env.PORT || 3000)
