// sluice functions: which there are, their versions, and what can be done to one.
import type { z } from 'zod'
import { Changed, Deployments, RolledBack } from '../../api/lifecycle/shapes.ts'
import { parseDuration } from '../../duration.ts'
import { AppError } from '../../errors.ts'
import { colourOf } from '../colours.ts'
import { confirm, confirmOption } from '../confirm.ts'
import { findFunction, listFunctions, type ShownFunction } from '../named.ts'
import { list, shownTime, table } from '../table.ts'
import type { Asked, Noun, Shown, Verb } from '../verb.ts'

const takes = ['function'] as const

const heldBy = ({ paused, archived }: ShownFunction) =>
  [paused && 'paused', archived && 'archived'].filter(Boolean).join(', ')

const listAll: Verb = {
  summary: 'All functions of the environment.',
  examples: ['sluice functions list', 'sluice functions list -e staging --json'],
  async run({ server }) {
    const functions = await listFunctions(server)
    return {
      data: functions,
      text: paper =>
        table(
          paper,
          functions,
          [
            { title: 'name', value: one => one.name },
            { title: 'status', value: one => one.status, colour: one => colourOf(one.status) },
            { title: 'held', value: heldBy, colour: () => 'yellow' },
            { title: 'version', value: one => `${one.deployment_version ?? ''}` },
            { title: 'id', value: one => one.id },
          ],
          'There are no functions yet; push a commit with a defer/ folder.',
        ),
    }
  },
}

const get: Verb = {
  summary: 'One function.',
  takes,
  examples: ['sluice functions get sendMail'],
  async run({ server, given: [name = ''] }) {
    const one = await findFunction(server, name)
    return {
      data: one,
      text: paper =>
        list(paper, [
          ['name', one.name],
          ['id', one.id],
          ['environment', one.environment],
          ['status', one.status],
          ['held', heldBy(one)],
          ['version', one.deployment_version === null ? null : `${one.deployment_version}`],
          ['created', shownTime(one.created_at)],
        ]),
    }
  },
}

const versions: Verb = {
  summary: 'Its versions, newest first.',
  takes,
  options: {
    page: { type: 'string', value: 'N', help: 'the first is 1' },
    'per-page': { type: 'string', value: 'N', help: '20 where left out, 100 at most' },
  },
  examples: ['sluice functions versions sendMail', 'sluice functions versions sendMail --page 2'],
  async run({ server, given: [name = ''], text }) {
    const one = await findFunction(server, name)
    const page = { page: text('page'), per_page: text('per-page') }
    const found = await server.get(`/functions/${one.id}/deployments`, page, Deployments)
    return {
      data: found,
      text: paper =>
        table(
          paper,
          found.deployments,
          [
            { title: 'version', value: row => `${row.version}` },
            { title: 'status', value: row => row.status, colour: row => colourOf(row.status) },
            { title: 'built', value: row => shownTime(row.created_at) },
            { title: 'id', value: row => row.uuid },
          ],
          'There is no version of it yet.',
        ) + (found.has_next ? `More: --page ${found.page + 1}\n` : ''),
    }
  },
}

const rollback: Verb = {
  summary: 'Runs an earlier version again, and holds it there until it is resumed.',
  takes,
  options: { to: { type: 'string', value: 'VERSION', help: 'its number, as "versions" shows it' } },
  examples: ['sluice functions rollback sendMail --to 12'],
  async run({ server, given: [name = ''], text }) {
    const version = Number(text('to'))
    if (!Number.isInteger(version) || version < 1)
      throw new AppError('malformed', `Say which version with --to: "sluice functions versions ${name}".`)
    const one = await findFunction(server, name)
    const done = await server.send('POST', `/functions/${one.id}/rollback`, { version }, RolledBack)
    return { data: done, text: () => `${one.name} runs version ${done.function.active_version}.\n` }
  },
}

const pause: Verb = {
  summary: 'Accepts and holds its executions until it is resumed.',
  takes,
  options: {
    for: { type: 'string', value: '2h', help: 'how long; left out: until it is resumed' },
    reason: { type: 'string', value: 'TEXT', help: 'stands in the history and in reports' },
  },
  examples: ['sluice functions pause sendMail --for 2h --reason "provider is down"'],
  async run({ server, given: [name = ''], text }) {
    const one = await findFunction(server, name)
    const seconds = text('for') === undefined ? null : parseDuration(text('for') ?? '')
    if (text('for') !== undefined && seconds === null)
      throw new AppError('malformed', `--for ${text('for')}: give a duration such as 30m, 2h or 7d.`)
    const until = seconds === null ? undefined : new Date(Date.now() + seconds * 1_000).toISOString()
    const body = { reason: text('reason'), until }
    return changed(await server.send('POST', `/functions/${one.id}/pause`, body, Changed))
  },
}

const simple = (verb: 'resume' | 'archive' | 'restore', summary: string): Verb => ({
  summary,
  takes,
  examples: [`sluice functions ${verb} sendMail`],
  async run({ server, given: [name = ''] }) {
    const one = await findFunction(server, name)
    return changed(await server.send('POST', `/functions/${one.id}/${verb}`, undefined, Changed))
  },
})

const remove: Verb = {
  summary: 'Schedules its deletion; "sluice deletions cancel" takes it back until then.',
  takes,
  options: confirmOption,
  examples: ['sluice functions delete sendMail --confirm sendMail'],
  async run(asked: Asked) {
    const [name = ''] = asked.given
    const one = await findFunction(asked.server, name)
    await confirm(asked, `${one.name} and everything that waits for it will be deleted.`, one.name)
    return changed(await asked.server.send('DELETE', `/functions/${one.id}`, undefined, Changed))
  },
}

export function changed(done: z.output<typeof Changed>): Shown {
  return { data: done, text: () => `${done.message.replaceAll('**', '').replaceAll('`', '')}\n` }
}

export const functions: Noun = {
  summary: 'Functions of an environment.',
  verbs: {
    list: listAll,
    get,
    versions,
    rollback,
    pause,
    resume: simple('resume', 'Lets a paused one go on, and lifts what a rollback holds.'),
    archive: simple('archive', 'Holds its executions until it is restored, whatever is deployed.'),
    restore: simple('restore', 'Takes an archived one back; what it held runs.'),
    delete: remove,
  },
}
