import fastify from 'fastify'
import products from './routes/products.ts'

const app = fastify({ logger: true })
await app.register(products, { prefix: '/products' })
await app.listen({ port: Number(process.env.PORT ?? 3000) })
