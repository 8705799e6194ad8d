// sluice executions: which there were, one of them, what it said while it says it, and what can be done to it.
import type { z } from 'zod'
import {
  ExecutionBody,
  ExecutionDetails,
  ExecutionList,
  ExecutionLog,
  ExecutionPayload,
} from '../../api/executions/shapes.ts'
import { printable } from '../../builds/plain-text.ts'
import { executionStates } from '../../db/schema/columns.ts'
import { colourOf } from '../colours.ts'
import { endOf, follow } from '../follow.ts'
import { uuidOf } from '../named.ts'
import { list, shownTime, table } from '../table.ts'
import type { Terminal } from '../terminal.ts'
import type { Noun, Shown, Verb } from '../verb.ts'

const takes = ['execution'] as const
const pathOf = (id = '') => `/executions/${uuidOf(id, 'an execution')}`

const listAll: Verb = {
  summary: 'Executions, newest first.',
  options: {
    function: { type: 'string', value: 'NAME', help: 'of that function alone' },
    status: { type: 'string', words: executionStates, help: 'in that state alone' },
    limit: { type: 'string', value: 'N', help: '20 where left out, 100 at most' },
    before: { type: 'string', value: 'PAGE', help: 'older ones, as the list before says at its end' },
  },
  examples: [
    'sluice executions list',
    'sluice executions list --function sendMail --status failed',
    "sluice executions list --json | jq -r '.executions[].id'",
  ],
  async run({ server, text }) {
    const query = { function: text('function'), status: text('status') }
    const page = { per_page: text('limit'), before: text('before') }
    const found = await server.get('/executions', { ...query, ...page }, ExecutionList)
    return {
      data: found,
      text: paper =>
        table(
          paper,
          found.executions,
          [
            { title: 'id', value: one => one.id },
            { title: 'status', value: one => one.status, colour: one => colourOf(one.status) },
            { title: 'function', value: one => one.function_name, shrinksTo: 12 },
            { title: 'created', value: one => shownTime(one.created_at), shrinksTo: 17 },
          ],
          'There are none.',
        ) + (found.next ? `More: --before ${found.next}\n` : ''),
    }
  },
}

const get: Verb = {
  summary: 'One execution, with its attempts and what went wrong.',
  takes,
  options: { payload: { type: 'boolean', help: 'also what it was called with and what it returned' } },
  examples: ['sluice executions get 0190…', 'sluice executions get 0190… --payload --json'],
  async run({ server, given: [id], flag }) {
    const one = await server.get(pathOf(id), {}, ExecutionDetails)
    const payload = flag('payload') ? await server.get(`${pathOf(id)}/payload`, {}, ExecutionPayload) : null
    return {
      data: { ...one, ...payload },
      text: paper =>
        list(paper, [
          ['id', one.id],
          ['function', one.function_name],
          ['status', one.status],
          ['called by', one.executed_by],
          ['again of', one.rerun_of],
          ['scheduled', shownTime(one.schedule_for)],
          ['created', shownTime(one.created_at)],
          ['started', shownTime(one.started_at)],
          ['finished', shownTime(one.finished_at)],
          [
            'metadata',
            Object.entries(one.metadata)
              .map(pair => pair.join('='))
              .join('\n'),
          ],
          ['error', failureText(one)],
          ['arguments', payload && JSON.stringify(payload.arguments, null, 2)],
          ['result', payload && JSON.stringify(payload.result, null, 2)],
        ]) + attemptsTable(paper, one),
    }
  },
}

type Details = z.output<typeof ExecutionDetails>

function failureText({ error, error_code }: Details): string | null {
  if (!error) return null
  const text = typeof error.stack === 'string' && error.stack ? error.stack : `${error.message ?? ''}`
  return error_code ? `${error_code} ${text}` : text
}

function attemptsTable(paper: Terminal, { attempts }: Details): string {
  if (attempts.length === 0) return ''
  return `\n${table(
    paper,
    attempts,
    [
      { title: 'attempt', value: row => `${row.number}` },
      { title: 'status', value: row => row.status, colour: row => colourOf(row.status) },
      { title: 'why', value: row => row.reason },
      { title: 'started', value: row => shownTime(row.started_at) },
      { title: 'finished', value: row => shownTime(row.finished_at) },
      { title: 'error', value: row => `${row.error?.message ?? ''}`, shrinksTo: 10 },
    ],
    '',
  )}`
}

const logs: Verb = {
  summary: 'What an execution said.',
  takes,
  options: {
    follow: { type: 'boolean', short: 'f', help: 'go on until it has ended; Ctrl-C ends it before' },
  },
  examples: ['sluice executions logs 0190…', 'sluice executions logs 0190… -f'],
  async run({ server, given: [id], flag, terminal }) {
    let position: string | undefined
    let status = ''
    const read = async () => {
      const page = await server.get(`${pathOf(id)}/logs`, { after: position }, ExecutionLog)
      position = page.position ?? undefined
      status = page.status
      return page
    }
    if (flag('json') && !flag('follow')) {
      const lines = []
      for (;;) {
        const page = await read()
        lines.push(...page.lines)
        if (!page.more) return { data: { status: page.status, lines }, text: () => '' }
      }
    }
    const asJson = flag('json')
    const show = (line: z.output<typeof ExecutionLog>['lines'][number]) =>
      terminal.out(asJson ? `${JSON.stringify(line)}\n` : shownLine(terminal, line))
    const next = async () => {
      const page = await read()
      page.lines.forEach(show)
      return { more: page.more, finished: !isLive(page.status) }
    }
    if (flag('follow')) {
      await follow(next)
      return endOf(status === 'succeeded')
    }
    while ((await next()).more);
    return 0
  },
}

const isLive = (status: string) => status === 'queued' || status === 'running' || status === 'aborting'

function shownLine(
  paper: Terminal,
  { at, level, text }: { at: string; level: string; text: string },
): string {
  const colour = level === 'error' ? 'red' : level === 'warn' ? 'yellow' : null
  const clean = printable(text)
  return `${paper.colour('dim', shownTime(at))}  ${colour ? paper.colour(colour, clean) : clean}\n`
}

const cancel: Verb = {
  summary: 'Cancels one that has not started; with --force also one that runs.',
  takes,
  options: { force: { type: 'boolean', help: 'its signal fires, and within a second it is ended' } },
  examples: ['sluice executions cancel 0190…', 'sluice executions cancel 0190… --force'],
  async run({ server, given: [id], flag }) {
    const body = { force: flag('force') }
    return told(await server.send('POST', `${pathOf(id)}/cancel`, body, ExecutionBody))
  },
}

const rerun: Verb = {
  summary: 'Calls its function again with the same arguments, as a new execution.',
  takes,
  examples: ['sluice executions rerun 0190…'],
  async run({ server, given: [id] }) {
    return told(await server.send('POST', `${pathOf(id)}/rerun`, undefined, ExecutionBody))
  },
}

function told(one: z.output<typeof ExecutionBody>): Shown {
  return { data: one, text: () => `${one.id} of ${printable(one.function_name)} is ${one.status}.\n` }
}

export const executions: Noun = {
  summary: 'Executions: calls of functions.',
  verbs: { list: listAll, get, logs, cancel, rerun },
}
