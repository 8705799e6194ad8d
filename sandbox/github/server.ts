// The local GitHub: git over HTTP, the REST API, webhooks and pages, on one port, remembered in one folder.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { type Listening, listen, send } from '../http/listen.ts'
import { HttpError, json, Reply } from '../http/reply.ts'
import { readState, stateFile } from '../state-file.ts'
import { ensureAccount } from './accounts.ts'
import { type AppRegistration, ensureApp } from './apps.ts'
import { noCalls } from './calls.ts'
import { type Controls, controlsOf } from './controls.ts'
import { meetFault, noFaults } from './faults.ts'
import { makeDirectory, writeHooks } from './git/bare.ts'
import { pageRoutes } from './pages/routes.ts'
import { servePage } from './pages/serve.ts'
import { restRoutes } from './rest/routes.ts'
import { Disconnect, refusal, serveRest } from './rest/serve.ts'
import { isArchivePath, serveArchive } from './serve-archive.ts'
import { isGitPath, serveRepository } from './serve-git.ts'
import { emptyState, type State } from './state.ts'
import { createDeliveries } from './webhooks/deliveries.ts'
import { nextId, type World } from './world.ts'

export type GitHubOptions = {
  dir: string
  host?: string
  port?: number
  formerPort?: number
  app: AppRegistration
  users: { login: string; name?: string; token: string }[]
  organizations?: { login: string; members?: Record<string, 'admin' | 'member'> }[]
}

export type GitHub = Controls & { url: string; apiUrl: string; close(): Promise<void> }

const apiPrefix = '/api/v3'

export async function startGitHub(options: GitHubOptions): Promise<GitHub> {
  makeDirectory(options.dir)
  makeDirectory(join(options.dir, 'repositories'))
  writeHooks(join(options.dir, 'hooks'))
  const path = join(options.dir, 'github.json')
  const state = { ...emptyState(), ...readState<State>(path) }
  const file = stateFile(path, () => state)
  const world = createWorld(options.dir, state, file.save)
  const listening = await listen(requestListener(world), options)
  world.url = listening.url
  world.apiUrl = listening.url + apiPrefix
  furnish(world, options)
  file.flush()
  return {
    url: world.url,
    apiUrl: world.apiUrl,
    ...controlsOf(world, options.app.id),
    close: () => close(world, listening, file.flush),
  }
}

function createWorld(dir: string, state: State, save: () => void): World {
  const faults = noFaults()
  const world: World = {
    dir,
    url: '',
    apiUrl: '',
    state,
    faults,
    calls: noCalls(),
    save,
    deliveries: createDeliveries({
      dir,
      faults,
      nextId: () => nextId(world),
      target: id => {
        const app = state.apps.find(candidate => candidate.id === id)
        return app ? { url: app.webhookUrl, secret: app.webhookSecret } : null
      },
      changed: save,
    }),
  }
  return world
}

/** Accounts, tokens and the App of the options; what an earlier run stored stays. */
function furnish(world: World, options: GitHubOptions): void {
  forgetExpired(world.state)
  for (const user of options.users) {
    ensureAccount(world, 'User', user)
    world.state.tokens[user.token] = { kind: 'user', login: user.login, app: null }
  }
  for (const organization of options.organizations ?? []) ensureAccount(world, 'Organization', organization)
  ensureApp(
    world,
    options.app,
    options.organizations?.[0]?.login ?? options.users[0]?.login ?? options.app.slug,
  )
}

function forgetExpired(state: State): void {
  const isAlive = ([, record]: [string, object]) =>
    !('expiresAt' in record) || Number(record.expiresAt) > Date.now()
  state.tokens = Object.fromEntries(Object.entries(state.tokens).filter(isAlive))
  state.codes = Object.fromEntries(Object.entries(state.codes).filter(isAlive))
}

async function close(world: World, listening: Listening, flush: () => void): Promise<void> {
  await world.deliveries.stop()
  await listening.close()
  flush()
}

function requestListener(world: World) {
  const rest = restRoutes()
  const pages = pageRoutes()
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '/', world.url)
    if (isGitPath(url.pathname)) return serveRepository(world, request, response, url)
    if (isArchivePath(url.pathname)) {
      const fault = await meetFault(world.faults, request.method ?? 'GET', url.pathname)
      if (fault) return send(response, json(fault.status, { message: 'Sandbox fault' }, fault.headers))
      return serveArchive(world, url, response)
    }
    if (url.pathname === apiPrefix || url.pathname.startsWith(`${apiPrefix}/`)) {
      const path = url.pathname.slice(apiPrefix.length) || '/'
      return send(response, await serveRest(world, rest, request, url, path))
    }
    send(response, await servePage(world, pages, request, url))
  }
  return (request: IncomingMessage, response: ServerResponse) => {
    answer(request, response)
      .catch(error => fail(response, error))
      .finally(world.save)
  }
}

/** A mistake of the sandbox itself is shown, not hidden: it is a tool for developers. */
function fail(response: ServerResponse, error: unknown): void {
  if (error instanceof Disconnect || response.headersSent) {
    response.destroy()
  } else if (error instanceof HttpError) {
    send(response, refusal(error))
  } else {
    console.error('sandbox GitHub:', error)
    send(response, new Reply(500, error instanceof Error ? (error.stack ?? error.message) : String(error)))
  }
}
