// sluice builds: which there were, one of them, and its log while it goes on.
import { BuildDetails, BuildList, BuildLog } from '../../api/builds/shapes.ts'
import { printable } from '../../builds/plain-text.ts'
import { buildStates } from '../../db/schema/columns.ts'
import { colourOf } from '../colours.ts'
import { endOf, follow } from '../follow.ts'
import { findBuildId } from '../named.ts'
import { list, shownTime, table } from '../table.ts'
import type { Noun, Verb } from '../verb.ts'

const takes = ['build?'] as const
const good = new Set(['succeeded', 'unchanged', 'superseded'])

const listAll: Verb = {
  summary: 'Builds, newest first.',
  options: {
    status: { type: 'string', words: buildStates, help: 'in that state alone' },
    sha: { type: 'string', value: 'COMMIT', help: 'of that commit alone' },
    limit: { type: 'string', value: 'N', help: '20 where left out, 100 at most' },
    before: { type: 'string', value: 'NUMBER', help: 'older ones' },
  },
  examples: [
    'sluice builds list',
    'sluice builds list --status failed',
    'sluice builds list --sha "$GITHUB_SHA"',
  ],
  async run({ server, text }) {
    const query = { status: text('status'), sha: text('sha') }
    const page = { per_page: text('limit'), before: text('before') }
    const found = await server.get('/builds', { ...query, ...page }, BuildList)
    return {
      data: found,
      text: paper =>
        table(
          paper,
          found.builds,
          [
            { title: 'build', value: one => `#${one.number}` },
            { title: 'status', value: one => one.status, colour: one => colourOf(one.status) },
            { title: 'live', value: one => (one.live ? 'live' : ''), colour: () => 'green' },
            { title: 'commit', value: one => one.sha.slice(0, 7) },
            { title: 'created', value: one => shownTime(one.created_at) },
            { title: 'author', value: one => one.author, shrinksTo: 8 },
            { title: 'message', value: one => one.message, shrinksTo: 12 },
          ],
          'There are none.',
        ) + (found.next ? `More: --before ${found.next}\n` : ''),
    }
  },
}

const get: Verb = {
  summary: 'One build: by number, commit or id; left out: the newest.',
  takes,
  examples: ['sluice builds get', 'sluice builds get 12', 'sluice builds get 3f2a91c --json'],
  async run({ server, given: [named = ''] }) {
    const one = await server.get(`/builds/${await findBuildId(server, named)}`, {}, BuildDetails)
    const at = one.failure?.annotations.map(each => `${each.path}:${each.start_line}  ${each.message}`) ?? []
    return {
      data: one,
      text: paper =>
        list(paper, [
          ['build', `#${one.number}`],
          ['id', one.id],
          ['status', one.live ? `${one.status}, live` : one.status],
          ['commit', one.sha],
          ['ref', one.ref],
          ['author', one.author],
          ['message', one.message],
          ['created', shownTime(one.created_at)],
          ['finished', shownTime(one.finished_at)],
          ['functions', one.functions?.join(', ') ?? null],
          ['stages', one.stages.map(({ stage, at }) => `${shownTime(at)}  ${stage}`).join('\n')],
          ['failure', one.failure && `${one.failure.code}\n${one.failure.message}`],
          ['at', at.join('\n')],
        ]),
    }
  },
}

const log: Verb = {
  summary: 'What a build says; left out: the newest.',
  takes,
  options: {
    follow: { type: 'boolean', short: 'f', help: 'go on until it has ended; Ctrl-C ends it before' },
  },
  examples: ['sluice builds log', 'sluice builds log 12', 'sluice builds log -f'],
  async run({ server, given: [named = ''], flag, terminal }) {
    const id = await findBuildId(server, named)
    let position = 0
    let status = ''
    let stage = ''
    const lines: unknown[] = []
    const next = async () => {
      const page = await server.get(`/builds/${id}/log`, { after: position }, BuildLog)
      position = page.position
      status = page.status
      for (const line of page.lines) {
        if (flag('json') && !flag('follow')) lines.push(line)
        else if (flag('json')) terminal.out(`${JSON.stringify(line)}\n`)
        else {
          if (line.stage !== stage) terminal.out(terminal.colour('bold', `== ${printable(line.stage)}\n`))
          stage = line.stage
          terminal.out(`${printable(line.text)}\n`)
        }
      }
      return { more: page.more, finished: page.finished }
    }
    if (flag('follow')) {
      await follow(next)
      return endOf(good.has(status))
    }
    while ((await next()).more);
    return flag('json') ? { data: { status, lines }, text: () => '' } : 0
  },
}

export const builds: Noun = {
  summary: 'Builds of commits for an environment.',
  verbs: { list: listAll, get, log },
}
