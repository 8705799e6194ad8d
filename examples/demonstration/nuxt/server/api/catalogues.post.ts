import sendCatalogue from '~~/server/defer/send-catalogue'

export default defineEventHandler(async event => {
  const { email } = await readBody(event)
  const { id } = await sendCatalogue(email)
  setResponseStatus(event, 202)
  return { id }
})
