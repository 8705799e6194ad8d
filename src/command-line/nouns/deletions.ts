// sluice deletions: what is going to be deleted, and keeping it.
import { Changed, DeletionStatus, PendingDeletions } from '../../api/lifecycle/shapes.ts'
import { findFunction } from '../named.ts'
import { list, shownTime, table } from '../table.ts'
import type { Noun } from '../verb.ts'
import { changed } from './functions.ts'

const takes = ['function'] as const

export const deletions: Noun = {
  summary: 'Deletions of functions that are scheduled.',
  verbs: {
    list: {
      summary: 'What is going to be deleted, the soonest first.',
      examples: ['sluice deletions list'],
      async run({ server }) {
        const { pending_deletions: pending } = await server.get(
          '/functions/pending-deletions',
          {},
          PendingDeletions,
        )
        return {
          data: pending,
          text: paper =>
            table(
              paper,
              pending,
              [
                { title: 'function', value: one => one.function_name },
                { title: 'on', value: one => shownTime(one.deletion_date), colour: () => 'red' },
                { title: 'days left', value: one => `${one.days_remaining}` },
                { title: 'why', value: one => one.reason },
              ],
              'Nothing is going to be deleted.',
            ),
        }
      },
    },
    status: {
      summary: 'Whether a function is going to be deleted, and when.',
      takes,
      examples: ['sluice deletions status sendMail'],
      async run({ server, given: [name = ''] }) {
        const one = await findFunction(server, name)
        const found = await server.get(`/functions/${one.id}/deletion-status`, {}, DeletionStatus)
        const { deletion_info: info } = found
        return {
          data: found,
          text: paper =>
            info
              ? list(paper, [
                  ['function', one.name],
                  ['on', shownTime(info.deletion_date)],
                  ['why', info.reason],
                  ['scheduled', shownTime(info.scheduled_at)],
                ])
              : `${one.name} is not going to be deleted.\n`,
        }
      },
    },
    cancel: {
      summary: 'Keeps a function that is going to be deleted.',
      takes,
      examples: ['sluice deletions cancel sendMail'],
      async run({ server, given: [name = ''] }) {
        const one = await findFunction(server, name)
        return changed(await server.send('POST', `/functions/${one.id}/cancel-deletion`, undefined, Changed))
      },
    },
  },
}
