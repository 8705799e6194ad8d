import sendInvoice from './defer/send-invoice'

Bun.serve({
  port: Bun.env.PORT ?? 3000,
  routes: {
    '/invoices/:number': {
      POST: async request => {
        const { customer, cents } = await request.json()
        const { id } = await sendInvoice({ number: request.params.number, customer, cents })
        return Response.json({ id }, { status: 202 })
      },
    },
  },
})
