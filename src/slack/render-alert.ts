// The message of functions that fail, one for all that began together, and the word that they work again. Pure. What they threw is
// a stranger's: it stands in code, escaped.
import type { FailingFunction, IncidentView } from '../alerts/incident-view.ts'
import { shortSha } from '../builds/views/view.ts'
import { code, escapeMarkup } from './mrkdwn.ts'
import { type Block, type Button, context, linkPrefix, type Message, plain, section } from './render.ts'

const mostFunctions = 12
const mostErrors = 3

export interface AlertMessage extends Message {
  /** Null while any of them fails. */
  notice: (Message & { key: string }) | null
}

/** `url`: where the console is reached. */
export function renderAlert(view: IncidentView, url: string): AlertMessage {
  const failing = view.functions.filter(one => one.closedAt === null)
  const where = `${view.repository.owner}/${view.repository.name} ${view.environment.name}`
  const words = headline(view.functions, failing)
  const text = escapeMarkup(`${where}: ${words}`)
  const head = `${failing.length > 0 ? ':rotating_light:' : ':white_check_mark:'} *${words}*\n${placeOf(view)}`
  const shown = view.functions.slice(0, mostFunctions)
  const more = view.functions.length - shown.length
  const blocks: Block[] = [
    section(head),
    section(shown.map(line).join('\n') + (more > 0 ? `\n… and ${more} more` : '')),
    ...errorsBlock(view.functions),
    ...(failing.length > 0 ? [buttons(view, failing, url)] : []),
  ]
  return { text, blocks, notice: failing.length > 0 ? null : over(view, words) }
}

function headline(all: readonly FailingFunction[], failing: readonly FailingFunction[]): string {
  const [only] = all
  if (all.length === 1 && only) {
    const name = code(only.name, 80)
    if (only.closedAt === null) return `${name} is failing`
    return only.closedBecause === 'recovered' ? `${name} works again` : `${name} is gone`
  }
  if (failing.length === 0) return `All ${all.length} functions work again or are gone`
  const recovered = all.length - failing.length
  const fail = failing.length === 1 ? '1 function is failing' : `${failing.length} functions are failing`
  return recovered > 0 ? `${fail}, ${recovered} ${recovered === 1 ? 'works' : 'work'} again` : fail
}

function placeOf({ repository, environment }: IncidentView): string {
  return `${code(`${repository.owner}/${repository.name}`)} → ${code(environment.name)}`
}

function line({ name, failed, version, closedAt, closedBecause }: FailingFunction): string {
  const mark = closedAt === null ? ':x:' : ':white_check_mark:'
  const what = version
    ? `, version ${version.number} of ${code(shortSha(version.sha))}${version.author ? ` by ${code(version.author, 60)}` : ''}`
    : ''
  const end = closedAt === null ? '' : closedBecause === 'recovered' ? ', works again' : ', gone'
  return `${mark} ${code(name, 80)}: ${failed} failed${what}${end}`
}

function errorsBlock(functions: readonly FailingFunction[]): Block[] {
  const all = functions.flatMap(one => one.errors).toSorted((a, b) => b.amount - a.amount)
  const lines = all
    .slice(0, mostErrors)
    .map(({ name, message, amount }) => `${amount} × ${code(message ? `${name}: ${message}` : name, 250)}`)
  const rest = all.length - lines.length
  if (lines.length === 0) return []
  return [
    context(
      lines.join('\n') + (rest > 0 ? `\nand ${rest} other ${rest === 1 ? 'kind' : 'kinds'} of error` : ''),
    ),
  ]
}

/**
 * Of one function its own; of several what holds for the environment. Each opens a page of the console that asks first, and does it by
 * the rights on GitHub of who answers: a name of Slack's says nothing about them.
 */
function buttons(view: IncidentView, failing: readonly FailingFunction[], url: string): Block {
  const place = placeIn(view, url)
  const [only] = failing
  const name = failing.length === 1 && only ? only.name : null
  const query = name === null ? '' : `?${new URLSearchParams({ function: name })}`
  const page = name === null ? place : `${place}/functions/${encodeURIComponent(name)}`
  return {
    type: 'actions',
    elements: [
      link('pause', 'Pause…', `${place}/do/pause${query}`),
      link('rollback', 'Roll back…', `${place}/do/rollback${query}`),
      link('open', 'Open', page),
    ],
  }
}

function link(name: string, label: string, url: string): Button {
  return { type: 'button', action_id: `${linkPrefix}${name}`, text: plain(label), url }
}

function placeIn({ repository, environment }: IncidentView, url: string): string {
  const parts = [repository.owner, repository.name, environment.name]
  return `${url}/console/${parts.map(encodeURIComponent).join('/')}`
}

function over(view: IncidentView, words: string): Message & { key: string } {
  const ends = view.functions.flatMap(one => (one.closedAt ? [one.closedAt.getTime()] : []))
  const from = Math.min(...view.functions.map(one => one.openedAt.getTime()))
  const minutes = Math.max(1, Math.round((Math.max(...ends) - from) / 60_000))
  const failed = view.functions.reduce((sum, one) => sum + one.failed, 0)
  const said = `after ${minutes} min and ${failed} failed executions`
  return {
    key: 'over',
    text: escapeMarkup(`${view.repository.owner}/${view.repository.name} ${view.environment.name}: ${words}`),
    blocks: [section(`:white_check_mark: *${words}* in ${placeOf(view)}, ${said}.`)],
  }
}
