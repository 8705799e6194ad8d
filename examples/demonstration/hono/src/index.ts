import { Hono } from 'hono'
import sendTicket from '../defer/send-ticket'

const app = new Hono()

app.post('/tickets', async context => {
  const { event, seat, email } = await context.req.json()
  const { id } = await sendTicket({ event, seat, email })
  return context.json({ id }, 202)
})

export default app
