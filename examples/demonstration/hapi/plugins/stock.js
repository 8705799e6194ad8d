import { awaitResult } from '@defer/client'
import Boom from '@hapi/boom'
import countStock from '../defer/count-stock.js'

export const stock = {
  name: 'stock',
  register(server) {
    server.route({
      method: 'POST',
      path: '/warehouses/{name}/counts',
      async handler(request) {
        try {
          return await awaitResult(countStock)(request.params.name)
        } catch (error) {
          throw Boom.badGateway(error.message)
        }
      },
    })
  },
}
