// The local Slack: the Web API, signed button presses, response URLs and a page that shows the channels.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { makeDirectory } from '../github/git/bare.ts'
import { listen, send } from '../http/listen.ts'
import { HttpError, json, type Reply } from '../http/reply.ts'
import { isSameOrigin, parseBody, readBody } from '../http/request.ts'
import { readState, type StateFile, stateFile } from '../state-file.ts'
import { serveApi } from './api.ts'
import type { Arguments } from './messages.ts'
import { type PageQuery, pressFromPage, workspacePage } from './page.ts'
import { type Press, press, respond } from './press.ts'
import { emptySlackState, type Message, type SlackState } from './state.ts'
import { channelOf, type Failure, type Workspace } from './workspace.ts'

export type SlackOptions = {
  /** Without a folder nothing is remembered. */
  dir?: string
  host?: string
  port?: number
  formerPort?: number
  signingSecret: string
  interactivityUrl: string | null
  token: string
  channels: string[]
  users: string[]
  failures?: Record<string, Failure[]>
}

export type Slack = {
  url: string
  apiUrl: string
  /** In the order they were posted, replies and ephemeral ones included. */
  messages(channel: string): Message[]
  press(press: Press): Promise<number>
  setInteractivityUrl(url: string | null): void
  /** The next call of the method fails like this; several failures queue up. */
  fail(method: string, failure: Failure): void
  close(): Promise<void>
}

export async function startSlack(options: SlackOptions): Promise<Slack> {
  const { file, workspace } = openWorkspace(options)
  const listening = await listen(requestListener(workspace), options)
  workspace.url = listening.url
  file.flush()
  return {
    url: listening.url,
    apiUrl: `${listening.url}/api/`,
    messages(channel) {
      const id = channelOf(workspace, channel)?.id
      return structuredClone(workspace.state.messages.filter(message => message.channel === id))
    },
    press: wanted => press(workspace, wanted),
    setInteractivityUrl(url) {
      workspace.interactivityUrl = url
    },
    fail(method, failure) {
      workspace.failures.set(method, [...(workspace.failures.get(method) ?? []), failure])
    },
    async close() {
      await listening.close()
      file.flush()
    },
  }
}

function openWorkspace(options: SlackOptions): { file: StateFile; workspace: Workspace } {
  const path = options.dir && join(options.dir, 'slack.json')
  if (options.dir) makeDirectory(options.dir)
  const state = { ...emptySlackState(), ...(path ? readState<SlackState>(path) : {}) }
  const file = path ? stateFile(path, () => state) : { save() {}, flush() {} }
  addNamed(state.channels, options.channels, 'C')
  addNamed(state.users, options.users, 'U')
  const { token, signingSecret, interactivityUrl } = options
  const failures = new Map(Object.entries(options.failures ?? {}))
  return {
    file,
    workspace: { url: '', token, signingSecret, interactivityUrl, state, failures, save: file.save },
  }
}

function addNamed(known: { id: string; name: string }[], names: string[], letter: 'C' | 'U'): void {
  for (const name of names) {
    if (known.some(one => one.name === name)) continue
    known.push({ id: `${letter}0${String(known.length + 1).padStart(8, '0')}`, name })
  }
}

function requestListener(workspace: Workspace) {
  return (request: IncomingMessage, response: ServerResponse) => {
    answer(workspace, request)
      .then(reply => send(response, reply))
      .catch(error => {
        if (error instanceof HttpError)
          return send(response, json(error.status, { ok: false, error: error.message }))
        console.error('sandbox Slack:', error)
        send(response, json(500, { ok: false, error: 'internal_error' }))
      })
  }
}

async function answer(workspace: Workspace, request: IncomingMessage): Promise<Reply> {
  const url = new URL(request.url ?? '/', workspace.url)
  if (url.pathname.startsWith('/api/'))
    return serveApi(workspace, request, url, url.pathname.slice('/api/'.length))
  if (url.pathname.startsWith('/actions/')) {
    const body = parseBody(await readBody(request), request.headers['content-type'])
    return respond(workspace, url.pathname.split('/').at(-1) ?? '', body as Arguments)
  }
  const query: PageQuery = { user: url.searchParams.get('user'), answered: url.searchParams.get('answered') }
  if (request.method !== 'POST') return workspacePage(workspace, query)
  if (!isSameOrigin(request.headers)) throw new HttpError(403, 'Forms of other sites are not accepted')
  return pressFromPage(workspace, parseBody(await readBody(request), request.headers['content-type']))
}
