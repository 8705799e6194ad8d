// sluice tokens: the DEFER_TOKENs of applications that call functions of an environment.
import { NewToken, TokenBody, TokenList } from '../../api/tokens/shapes.ts'
import { AppError } from '../../errors.ts'
import { confirm, confirmOption } from '../confirm.ts'
import { shownTime, table } from '../table.ts'
import type { Asked, Noun } from '../verb.ts'

export const tokens: Noun = {
  summary: 'Tokens of an environment: the DEFER_TOKEN of an application that calls its functions.',
  about:
    'On the server\'s own machine "sluice token create" makes one without a key, straight in the database.',
  verbs: {
    list: {
      summary: 'Tokens, oldest first; how they begin and when they were used.',
      examples: ['sluice tokens list -e production'],
      async run({ server }) {
        const found = await server.get('/tokens', {}, TokenList)
        return {
          data: found,
          text: paper =>
            table(
              paper,
              found.tokens,
              [
                { title: 'token', value: one => `${one.prefix}…` },
                { title: 'created', value: one => shownTime(one.created_at) },
                { title: 'last used', value: one => shownTime(one.last_used_at) || 'never' },
                { title: 'revoked', value: one => shownTime(one.revoked_at), colour: () => 'red' },
              ],
              'There are none.',
            ),
        }
      },
    },
    create: {
      summary: 'Makes a token and prints it, once. Needs a key of the role admin.',
      examples: ['sluice tokens create -e production', 'sluice tokens create | vercel env add DEFER_TOKEN'],
      async run({ server }) {
        const made = await server.send('POST', '/tokens', undefined, NewToken)
        return { data: made, text: () => `${made.token}\n` }
      },
    },
    revoke: {
      summary: 'Ends a token, named by how it begins. Needs a key of the role admin.',
      takes: ['token'],
      options: confirmOption,
      examples: ['sluice tokens revoke slt_Ab3dEf9 --confirm slt_Ab3dEf9'],
      async run(asked: Asked) {
        const [named = ''] = asked.given
        const { tokens } = await asked.server.get('/tokens', {}, TokenList)
        const begins = named.replace(/…$/, '')
        const found = tokens.find(one => one.prefix === begins || one.id === begins)
        if (!found)
          throw new AppError('not_found', `There is no token "${named}". "sluice tokens list" shows them.`)
        await confirm(
          asked,
          `Applications with the token ${found.prefix}… can call nothing any more.`,
          begins,
        )
        const done = await asked.server.send('DELETE', `/tokens/${found.id}`, undefined, TokenBody)
        return { data: done, text: () => `${found.prefix}… is revoked.\n` }
      },
    },
  },
}
