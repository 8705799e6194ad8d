import { createServer } from 'node:http'
import makeThumbnail from './defer/make-thumbnail.js'

createServer(async (request, response) => {
  const chunks = await Array.fromAsync(request)
  const { id } = await makeThumbnail(Buffer.concat(chunks).toString('base64'), 200)
  response.writeHead(202).end(id)
}).listen(process.env.PORT ?? 3000)
