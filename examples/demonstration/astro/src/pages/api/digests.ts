import type { APIRoute } from 'astro'
import sendDigest from '@/defer/send-digest'

export const prerender = false

export const POST: APIRoute = async () => {
  const { id } = await sendDigest(['Astro in space', 'Islands'])
  return Response.json({ id }, { status: 202 })
}
