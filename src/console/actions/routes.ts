// Every action in two steps: a page that asks, with what would happen; a form that does it. Who may is asked of GitHub each time.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '../../errors.ts'
import type { Outcome } from '../../functions/outcome.ts'
import { environmentPath, type InEnvironment, type Pages, root } from '../context.ts'
import { nothing } from '../html/html.ts'
import { goTo } from '../said.ts'
import { safeNext } from '../session/sessions.ts'
import { show } from '../show.ts'
import type { Action, Asked } from './action.ts'
import { confirmPage } from './confirm-page.ts'
import { demand } from './demand.ts'
import { findAction } from './registry.ts'

const path = `${root}/:owner/:name/:environment/do/:action`

export function actionRoutes(web: FastifyInstance, { console, visits }: Pages): void {
  async function ask(
    request: FastifyRequest,
    reply: FastifyReply,
    action: Action,
    asked: Asked,
    refusal: Outcome | null,
  ) {
    const fields = (await action.fields?.(console, asked)) ?? nothing
    const plan = await action.carryOut(console, asked, true)
    const back = backOf(request, asked)
    const page = confirmPage({ action, asked, fields, plan: refusal ? null : plan, refusal, back })
    return show(request, reply, page, refusal ? 409 : 200)
  }
  web.get(path, { config: { console: 'environment' } }, async (request, reply) => {
    const visit = visits.inEnvironment(request)
    const action = actionIn(request)
    await demand(console, visit, action.rule)
    const form = new URLSearchParams(request.query as Record<string, string>)
    return ask(request, reply, action, askedIn(visit, action, form), null)
  })
  web.post(path, { config: { console: 'environment' } }, async (request, reply) => {
    const visit = visits.inEnvironment(request)
    const action = actionIn(request)
    await demand(console, visit, action.rule)
    const asked = askedIn(visit, action, request.body as URLSearchParams)
    const outcome = await action.carryOut(console, asked, false)
    if (!outcome) throw new Error(`the action ${action.name} said nothing`)
    if (outcome.kind === 'refused') return ask(request, reply, action, asked, outcome)
    return goTo(console, reply, backOf(request, asked), outcome)
  })
}

function actionIn({ params }: FastifyRequest): Action {
  const action = findAction((params as { action: string }).action)
  if (!action) throw new AppError('not_found', 'There is no such action.')
  return action
}

function askedIn(visit: InEnvironment, { on, title }: Action, form: URLSearchParams): Asked {
  const functionName = form.get('function')?.slice(0, 1_000) || null
  if (on === 'function' && functionName === null)
    throw new AppError('malformed', `${title}: name the function.`)
  if (on === 'environment' && functionName !== null)
    throw new AppError('malformed', `${title} is for a whole environment.`)
  return { visit, functionName, form }
}

/** Where the question came from, if that was a page of ours that asks nothing itself. */
function backOf({ headers, method }: FastifyRequest, { visit, form }: Asked): string {
  const home = environmentPath(visit)
  const said = method === 'GET' ? headers.referer : form.get('back')
  const from = said && URL.canParse(said, 'http://here') ? new URL(said, 'http://here') : null
  const next = from ? safeNext(`${from.pathname}${from.search}`) : root
  return next === root || next.includes('/do/') ? home : next
}
