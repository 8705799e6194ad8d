import { defineEventHandler, getRouterParam, setResponseStatus } from 'h3'
import warmCache from '../../defer/warm-cache'

export default defineEventHandler(async event => {
  const { id } = await warmCache(getRouterParam(event, 'name') ?? 'pages')
  setResponseStatus(event, 202)
  return { id }
})
