// Executions: the list, one of them, and what can be done with one or with many.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { createCursors } from '../../api/cursor.ts'
import { AppError } from '../../errors.ts'
import { findLogs } from '../../executions/find-logs.ts'
import { listExecutions } from '../../executions/list-store.ts'
import { done, refused } from '../../functions/outcome.ts'
import { demand } from '../actions/demand.ts'
import { environmentPath, type InEnvironment, type Pages, root } from '../context.ts'
import { environmentEvent } from '../events.ts'
import { plural } from '../html/words.ts'
import { listShownFunctions } from '../insights/insights-store.ts'
import { goTo } from '../said.ts'
import { show } from '../show.ts'
import { act, type ExecutionVerb, executionVerbs } from './act.ts'
import { askAbortPage, askBulkPage } from './ask-page.ts'
import { type BulkVerb, bulkFilters, countBulk, doBulk } from './bulk.ts'
import { executionPage } from './execution-page.ts'
import { findDetails, findWhole, functionIdsByName, versionNumbers } from './executions-store.ts'
import { readFilled, toFilters, writeFilled } from './filters.ts'
import { executionsPage } from './list-page.ts'

const environment = { config: { console: 'environment' } } as const
const path = `${root}/:owner/:name/:environment/executions`
const rule = { name: 'executions', minimum: { preview: 'write', named: 'write' } } as const
const pageSize = 50
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

const queryOf = (request: FastifyRequest) => request.query as Record<string, unknown>

function idIn({ params }: FastifyRequest): string {
  const { id = '' } = params as { id?: string }
  if (!uuid.test(id)) throw new AppError('not_found', 'There is no such execution.')
  return id
}

export function executionRoutes(web: FastifyInstance, pages: Pages): void {
  const { console, visits } = pages
  const { db, payloads } = console.core
  const cursors = createCursors(console.masterKey, 'console executions')

  web.get(path, environment, async (request, reply) => {
    const visit = visits.inEnvironment(request)
    const query = queryOf(request)
    const filled = readFilled(query)
    const ids = await functionIdsByName(db, visit.environment.id)
    const position = (name: string) => (typeof query[name] === 'string' ? cursors.read(query[name]) : null)
    const [after, before] = [position('after'), position('before')]
    const request_ = { size: pageSize, fromEnd: before !== null && after === null, after, before }
    const page = await listExecutions(db, visit.environment.id, request_, toFilters(filled, ids))
    const details = await findDetails(
      db,
      visit.environment.id,
      page.items.map(one => one.id),
    )
    const cursorOf = (one: { sequence: number }) => cursors.write(one.sequence)
    return show(
      request,
      reply,
      executionsPage({ visit, filled, names: [...ids.keys()], page, details, cursorOf }),
    )
  })

  web.get(`${path}/:id`, environment, async (request, reply) => {
    const visit = visits.inEnvironment(request)
    const id = idIn(request)
    const whole = await findWhole(db, visit.environment.id, id)
    if (!whole)
      throw new AppError(
        'not_found',
        `There is no execution \`${id}\` in **${visit.environment.name}**, or it is older than what is kept.`,
      )
    const { execution } = whole
    const { after } = queryOf(request)
    const [logs, numbers, [one]] = await Promise.all([
      findLogs(db, id, typeof after === 'string' ? after : null),
      versionNumbers(
        db,
        execution.attempts.map(attempt => attempt.versionId),
      ),
      listShownFunctions(db, visit.environment.id, whole.functionName),
    ])
    const view = {
      ...{ visit, whole, logs, versionNumbers: numbers },
      arguments: await payloads.read(execution.arguments),
      result: execution.result === null ? null : await payloads.read(execution.result),
      held: execution.state === 'queued' ? whyHeld(visit, one) : null,
    }
    return show(request, reply, executionPage(view))
  })

  actRoutes(web, pages)
  bulkRoutes(web, pages)
}

function whyHeld(
  visit: InEnvironment,
  one: Awaited<ReturnType<typeof listShownFunctions>>[number] | undefined,
): string | null {
  if (one?.deletion) return 'its function is going to be deleted'
  if (one?.archivedAt) return 'its function is archived'
  if (one?.paused) return `its function is paused by ${one.paused.actor}`
  return visit.environment.mode === 'normal' ? null : 'the environment is drained'
}

function actRoutes(web: FastifyInstance, { console, visits }: Pages): void {
  web.get(`${path}/:id/abort`, environment, async (request, reply) => {
    const visit = visits.inEnvironment(request)
    await demand(console, visit, rule)
    return show(request, reply, askAbortPage(visit, idIn(request)))
  })
  web.post(`${path}/:id/:verb`, environment, async (request, reply) => {
    const visit = visits.inEnvironment(request)
    const { verb } = request.params as { verb: ExecutionVerb }
    if (!executionVerbs.includes(verb)) throw new AppError('not_found', 'There is no such action.')
    await demand(console, visit, rule)
    const id = idIn(request)
    const acted = await act(console, visit, id, verb)
    return goTo(console, reply, `${environmentPath(visit)}/executions/${acted.id ?? id}`, acted.outcome)
  })
}

function bulkRoutes(web: FastifyInstance, { console, visits }: Pages): void {
  const { core } = console
  const asked = async (request: FastifyRequest) => {
    const visit = visits.inEnvironment(request)
    await demand(console, visit, rule)
    const { verb } = request.params as { verb: BulkVerb }
    if (verb !== 'cancel' && verb !== 'rerun') throw new AppError('not_found', 'There is no such action.')
    const filled = readFilled(queryOf(request))
    const ids = await functionIdsByName(core.db, visit.environment.id)
    return { visit, verb, filled, filters: bulkFilters(verb, toFilters(filled, ids)) }
  }
  web.get(`${path}/all/:verb`, environment, async (request, reply) => {
    const { visit, verb, filled, filters } = await asked(request)
    const none = { amount: 0, more: false, upTo: 0 }
    const counted = filters ? await countBulk(console, visit.environment.id, filters) : none
    return show(request, reply, askBulkPage({ visit, verb, filled, counted }))
  })
  web.post(`${path}/all/:verb`, environment, async (request, reply) => {
    const { visit, verb, filled, filters } = await asked(request)
    const upTo = Number((request.body as URLSearchParams).get('up-to') ?? '')
    if (!filters || !Number.isSafeInteger(upTo) || upTo < 1)
      throw new AppError('malformed', 'Ask again from the list: this form names no executions.')
    const { environment: one, person } = visit
    const count = await doBulk(console, one.id, { verb, filters, upTo })
    const query = writeFilled(filled)
    const type = verb === 'cancel' ? 'executions.cancelled' : 'executions.rerun'
    const data = {
      count,
      filters: Object.fromEntries([...query.keys()].map(key => [key, query.getAll(key)])),
    }
    await core.db.transaction(tx => core.append(tx, environmentEvent(one, person.login, type, { data })))
    const did = verb === 'cancel' ? 'cancelled' : 'called again'
    const outcome =
      count === 0
        ? refused('none', 'Nothing was changed: none of them was to be had any more.')
        : done(type, `${plural(count, 'execution')} ${did}.`)
    return goTo(console, reply, `${environmentPath(visit)}/executions?${query}`, outcome)
  })
}
