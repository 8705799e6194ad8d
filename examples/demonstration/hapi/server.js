import Hapi from '@hapi/hapi'
import { stock } from './plugins/stock.js'

const server = Hapi.server({ port: process.env.PORT ?? 3000 })
await server.register(stock)
await server.start()
console.log('listening at', server.info.uri)
