// Tells pages that are open when to look again, as server-sent events. Nothing of what they show goes this way: a page is fetched anew
// like any other, so that who may see it is decided in one place.
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Db } from '../../db/client.ts'
import { messageOf } from '../../errors.ts'
import { type Pages, root } from '../context.ts'
import { findSession } from '../session/sessions-store.ts'
import { wordOfAll, wordOfBuild, wordOfEnvironment, wordOfExecution } from './live-store.ts'

const intervalMs = 1_000
const roundsBetweenComments = 15
const mostOpen = 500
/** Then the browser asks anew, and whether it may is looked at again. */
const longestMs = 5 * 60_000

/** What the page at this address depends on. */
export function wordOfPage(db: Db, environmentId: string, page: string): () => Promise<string> {
  const [, rest = ''] = /^\/console\/[^/]+\/[^/]+\/[^/?]+(\/[^?]*)?/.exec(page) ?? []
  const execution = /^\/executions\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(rest)?.[1]
  if (execution) return () => wordOfExecution(db, environmentId, execution)
  const build = /^\/builds\/(\d{1,9})$/.exec(rest)?.[1]
  return build
    ? () => wordOfBuild(db, environmentId, Number(build))
    : () => wordOfEnvironment(db, environmentId)
}

export function liveRoutes(web: FastifyInstance, { console, visits }: Pages): void {
  const { core, log } = console
  let open = 0
  async function tell(
    request: FastifyRequest,
    reply: FastifyReply,
    wordNow: () => Promise<string>,
  ): Promise<void> {
    const { sessionHash } = visits.of(request)
    // 204: the browser does not ask again.
    if (open >= mostOpen) return void reply.code(204).send()
    reply.hijack()
    const { raw } = reply
    for (const [name, value] of Object.entries(reply.getHeaders()))
      if (value !== undefined) raw.setHeader(name, value)
    raw.writeHead(200, { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' })
    raw.write('retry: 3000\n\n')
    const closed = new AbortController()
    raw.on('close', () => closed.abort())
    open += 1
    try {
      await watch(raw, wordNow, closed.signal, async () => (await findSession(core.db, sessionHash)) !== null)
    } catch (error) {
      if (!closed.signal.aborted) log.debug({ error }, `live: ${messageOf(error)}`)
    } finally {
      open -= 1
      raw.end()
    }
  }
  web.get(`${root}/live`, { config: { console: 'signed in' } }, (request, reply) =>
    tell(request, reply, () => wordOfAll(core.db)),
  )
  web.get(
    `${root}/:owner/:name/:environment/live`,
    { config: { console: 'environment' } },
    (request, reply) => {
      const { page } = request.query as Record<string, unknown>
      const { id } = visits.inEnvironment(request).environment
      return tell(request, reply, wordOfPage(core.db, id, typeof page === 'string' ? page : ''))
    },
  )
}

async function watch(
  raw: { write(text: string): void },
  wordNow: () => Promise<string>,
  signal: AbortSignal,
  isSignedIn: () => Promise<boolean>,
): Promise<void> {
  const until = Date.now() + longestMs
  let before = await wordNow()
  for (let round = 1; Date.now() < until; round++) {
    await sleep(intervalMs, undefined, { signal })
    const now = await wordNow()
    if (now !== before) raw.write('event: changed\ndata: \n\n')
    before = now
    if (round % roundsBetweenComments !== 0) continue
    if (!(await isSignedIn())) return raw.write('event: over\ndata: \n\n')
    raw.write(': here\n\n')
  }
}
