import { addMetadata, delay } from '@defer/client'
import express from 'express'
import sendWelcomeEmail from './defer/send-welcome-email.ts'

const app = express()
app.use(express.json())

app.post('/users', async (request, response) => {
  const { id, email, name } = request.body
  const later = delay(addMetadata(sendWelcomeEmail, { user: String(id) }), '5m')
  const execution = await later({ email, name })
  response.status(202).json({ execution: execution.id })
})

app.listen(process.env.PORT ?? 3000)
