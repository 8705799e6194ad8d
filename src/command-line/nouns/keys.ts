// sluice keys: the keys of the API, made and ended with one of the role admin.
import { KeyBody, KeyList, NewKeyBody } from '../../api/keys/shapes.ts'
import { keyRoles } from '../../db/schema/columns.ts'
import { AppError } from '../../errors.ts'
import { confirm, confirmOption } from '../confirm.ts'
import { shownTime, table } from '../table.ts'
import type { Asked, Noun } from '../verb.ts'

export const keys: Noun = {
  summary: 'Keys of the API. All of it needs a key of the role admin.',
  about:
    'The first one is made on the server\'s own machine, without a key, straight in the database: "sluice key create".',
  verbs: {
    list: {
      summary: 'Keys, oldest first; how they begin and when they were used.',
      examples: ['sluice keys list'],
      async run({ server }) {
        const found = await server.get('/keys', {}, KeyList)
        return {
          data: found,
          text: paper =>
            table(
              paper,
              found.keys,
              [
                { title: 'key', value: one => `${one.prefix}…` },
                { title: 'role', value: one => one.role },
                { title: 'environment', value: one => one.environment ?? 'all' },
                { title: 'last used', value: one => shownTime(one.last_used_at) || 'never' },
                { title: 'expires', value: one => shownTime(one.expires_at) || 'never' },
                { title: 'revoked', value: one => shownTime(one.revoked_at), colour: () => 'red' },
                { title: 'name', value: one => one.name, shrinksTo: 8 },
              ],
              'There are none.',
            ),
        }
      },
    },
    create: {
      summary: 'Makes a key and prints it, once. It reaches no further and lasts no longer than yours.',
      options: {
        role: { type: 'string', words: keyRoles, help: 'read where left out' },
        name: { type: 'string', value: 'TEXT', help: 'stands in the history of what it did' },
        expires: { type: 'string', value: '90d', help: 'how long it is good' },
      },
      examples: ['sluice keys create --role write --name ci --expires 90d -e staging'],
      async run({ server, text }) {
        const body = {
          ...{ role: text('role'), name: text('name'), expires_in: text('expires') },
          environment: server.environment,
        }
        const made = await server.send('POST', '/keys', body, NewKeyBody, { environment: undefined })
        return { data: made, text: () => `${made.key}\n` }
      },
    },
    revoke: {
      summary: 'Ends a key, named by how it begins.',
      takes: ['key'],
      options: confirmOption,
      examples: ['sluice keys revoke slk_Ab3dEf9 --confirm slk_Ab3dEf9'],
      async run(asked: Asked) {
        const [named = ''] = asked.given
        const begins = named.replace(/…$/, '')
        const found = (await asked.server.get('/keys', {}, KeyList)).keys.filter(
          one => one.prefix === begins || one.id === begins,
        )
        const [one] = found
        if (!one || found.length > 1)
          throw new AppError(
            'not_found',
            `${one ? 'Several keys begin' : 'There is no key'} "${named}". "sluice keys list --json" shows their ids.`,
          )
        await confirm(
          asked,
          `Whoever uses the key ${one.prefix}… (${one.name}) can do nothing any more.`,
          begins,
        )
        const done = await asked.server.send('DELETE', `/keys/${one.id}`, undefined, KeyBody)
        return { data: done, text: () => `${one.prefix}… is revoked.\n` }
      },
    },
  },
}
