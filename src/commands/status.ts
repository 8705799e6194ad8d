// /status: what is live in an environment, what holds it, what waits. Left out, in an issue: of every environment.
import type { Db, Tx } from '../db/client.ts'
import type { Environment } from '../environments/store.ts'
import { listPendingDeletions } from '../functions/deletions-store.ts'
import { hint } from '../functions/holding.ts'
import { atTime, code, codes, count } from '../functions/markdown.ts'
import { done } from '../functions/outcome.ts'
import { type Overlay, overlaysInForce } from '../functions/overlays-store.ts'
import { findBuild, listFunctions } from '../functions/store.ts'
import { countWaiting, waitingWords } from '../functions/waiting-store.ts'
import type { Command } from './command.ts'
import { newestBuild } from './store.ts'
import { listOf } from './target.ts'

const mostEnvironments = 10

export const statusCommand: Command = {
  name: 'status',
  usage: '/status [environment]',
  help: 'What is live, what is paused, pinned or archived, and how many executions wait.',
  mutates: false,
  minimum: { preview: 'read', named: 'read' },
  onClosedPull: true,
  onCommits: true,
  accepts: { names: 1 },
  target: 'any environment',
  async run({ core, environments }, { environment }) {
    const wanted = environment ? [environment] : environments.slice(0, mostEnvironments)
    if (wanted.length === 0) return done('status', listOf(environments))
    const told: string[] = []
    for (const one of wanted) told.push(statusText(await load(core.db, one)))
    const left = environment ? 0 : environments.length - wanted.length
    if (left > 0) told.push(`And ${left} more; name one.`)
    return done('status', told.join('\n\n'))
  },
}

interface Build {
  number: number
  sha: string
  state: string
}

export interface Status {
  environment: { name: string; mode?: Environment['mode'] }
  live: Build | null
  newest: Build | null
  functions: { id: string; name: string; archivedAt: Date | null }[]
  overlays: Pick<Overlay, 'kind' | 'functionId' | 'actor' | 'reason' | 'until'>[]
  deletions: { name: string; executeAt: Date }[]
  waiting: number
}

async function load(db: Db | Tx, environment: Environment): Promise<Status> {
  return {
    environment,
    live: environment.activeBuildId ? await findBuild(db, environment.activeBuildId) : null,
    newest: await newestBuild(db, environment.id),
    functions: await listFunctions(db, environment.id),
    overlays: await overlaysInForce(db, environment.id),
    deletions: await listPendingDeletions(db, environment.id),
    waiting: await countWaiting(db, { environmentId: environment.id, functionId: null }),
  }
}

export function statusText(status: Status): string {
  const { environment, live, newest, functions, overlays } = status
  const nameOf = new Map(functions.map(one => [one.id, one]))
  const archived = functions.filter(one => one.archivedAt !== null)
  return [
    `**${environment.name}**: ${live ? `build ${named(live)} is live` : 'nothing is live yet'}, with ${count(functions.length - archived.length, 'function')}; ${waitingWords(status.waiting)}.`,
    ...(newest && newest.number !== live?.number
      ? [
          `- Newest build: ${named(newest)}, ${newest.state === 'unchanged' ? 'unchanged: nothing that is built had changed' : newest.state}.`,
        ]
      : []),
    ...drainText(environment),
    ...overlays.map(overlay => overlayText(environment, overlay, nameOf.get(overlay.functionId ?? ''))),
    ...(archived.length > 0 ? [`- Archived: ${codes(archived.map(one => one.name))}.`] : []),
    ...status.deletions
      .slice(0, 20)
      .map(({ name, executeAt }) => `- To be deleted on ${atTime(executeAt)}: ${code(name)}.`),
  ].join('\n')
}

function drainText(environment: Status['environment']): string[] {
  const lift = `To go on: ${hint('resume', environment)}.`
  if (environment.mode === 'preparing_for_stop')
    return [`- It is drained: nothing begins, something is still under way. ${lift}`]
  return environment.mode === 'safe_to_stop' ? [`- It is safe to stop: nothing is under way. ${lift}`] : []
}

function named({ number, sha }: Build): string {
  return `${number} (${code(sha.slice(0, 7))})`
}

function overlayText(
  environment: { name: string },
  { kind, actor, reason, until }: Status['overlays'][number],
  one: { name: string } | undefined,
): string {
  const subject = one ? code(one.name) : 'The environment'
  const what = kind === 'pause' ? 'is paused' : 'is pinned (pushes build but do not go live)'
  const why = reason ? `: ${code(reason)}` : ''
  return `- ${subject} ${what} by ${code(actor)}${until ? ` until ${atTime(until)}` : ''}${why}. To lift it: ${hint('resume', environment, one ?? null)}.`
}
