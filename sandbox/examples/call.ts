// Calls a function as an application would, over the public API: enqueue, wait, take the result.
import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { waitFor } from '../demo/wait.ts'
import type { Call } from './catalogue.ts'

const Enqueued = z.object({ data: z.object({ id: z.string() }) })
const Seen = z.object({ data: z.object({ state: z.string() }) })
const over = new Set(['succeed', 'failed', 'aborted', 'cancelled', 'discarded'])

export interface Called {
  /** Null: as it should. */
  wrong: string | null
  result: unknown
}

export async function callFunction(url: string, token: string, call: Call): Promise<Called> {
  const request = async (method: string, path: string, body?: object): Promise<unknown> => {
    const response = await fetch(`${url}/public/v2/executions${path}`, {
      method,
      headers: {
        authorization: `Basic ${Buffer.from(`:${token}`).toString('base64')}`,
        'content-type': 'application/json',
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
    return response.status === 204 ? null : response.json()
  }
  const enqueued = await request('PUT', '', {
    function_name: call.function,
    function_arguments: call.arguments,
    schedule_for: new Date().toISOString(),
  })
  const { id } = Enqueued.parse(enqueued).data
  const state = await waitFor(`the end of ${call.function}`, async () => {
    const { data } = Seen.parse(await request('GET', `/${id}`))
    return over.has(data.state) ? data.state : null
  })
  const result = await request('GET', `/${id}/results`)
  if (state !== 'succeed') return { wrong: `${state}: ${JSON.stringify(result)}`, result }
  if (isDeepStrictEqual(result, call.returns)) return { wrong: null, result }
  return { wrong: `returned ${JSON.stringify(result)}, not ${JSON.stringify(call.returns)}`, result }
}
