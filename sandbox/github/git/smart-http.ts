// Git's smart HTTP protocol, through the CGI program that ships with git. What a push changed is handed to
// `pushed` before the answer ends, so whoever waits for `git push` finds its webhooks queued.
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { gitEnvironment } from './run.ts'

export type RefChange = { old: string; new: string; ref: string }

export type SmartRequest = {
  root: string
  hooks: string
  /** The repository's folder below root, and what is asked of it: `/7.git`, `/info/refs`. */
  folder: string
  service: string
  user: string
  request: IncomingMessage
  response: ServerResponse
  pushed(changes: RefChange[]): Promise<void>
}

export async function serveGit(smart: SmartRequest): Promise<void> {
  const pushFile = join(smart.hooks, `push-${randomUUID()}`)
  const child = spawn('git', ['http-backend'], {
    env: environment(smart, pushFile),
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  smart.request.pipe(child.stdin)
  // git may answer and leave before the caller has sent everything.
  child.stdin.on('error', () => {})
  const answered = await copyAnswer(child, smart.response)
  const changes = await readChanges(pushFile)
  if (changes.length > 0) await smart.pushed(changes)
  if (!answered) smart.response.writeHead(500)
  smart.response.end()
}

function environment(smart: SmartRequest, pushFile: string): Record<string, string> {
  const { headers, method = 'GET', url = '' } = smart.request
  const question = url.indexOf('?')
  return {
    ...gitEnvironment([
      ['core.hooksPath', smart.hooks],
      ['http.receivepack', 'true'],
      ['receive.hideRefs', 'refs/pull'],
      // `--shared` would forbid what a force push needs.
      ['receive.denyNonFastForwards', 'false'],
      ['uploadpack.allowAnySHA1InWant', 'true'],
    ]),
    GIT_PROJECT_ROOT: smart.root,
    GIT_HTTP_EXPORT_ALL: '1',
    PATH_INFO: smart.folder + smart.service,
    QUERY_STRING: question < 0 ? '' : url.slice(question + 1),
    REQUEST_METHOD: method,
    REMOTE_ADDR: '127.0.0.1',
    REMOTE_USER: smart.user,
    CONTENT_TYPE: headers['content-type'] ?? '',
    HTTP_CONTENT_ENCODING: headers['content-encoding'] ?? '',
    ...(headers['content-length'] ? { CONTENT_LENGTH: headers['content-length'] } : {}),
    ...(headers['git-protocol'] ? { GIT_PROTOCOL: String(headers['git-protocol']) } : {}),
    SANDBOX_PUSH_FILE: pushFile,
  }
}

/** Copies a CGI answer: header lines, an empty line, the body. False when git ended without an answer. */
function copyAnswer(
  child: ChildProcessByStdio<Writable, Readable, null>,
  response: ServerResponse,
): Promise<boolean> {
  return new Promise((resolve, reject) => {
    let head = Buffer.alloc(0)
    let started = false
    child.stdout.on('data', (chunk: Buffer) => {
      if (started) return writeSlowly(child.stdout, response, chunk)
      head = Buffer.concat([head, chunk])
      const end = head.indexOf('\r\n\r\n')
      if (end < 0) return
      started = true
      writeHead(response, head.subarray(0, end).toString())
      response.write(head.subarray(end + 4))
    })
    child.on('error', reject)
    child.on('close', () => resolve(started))
  })
}

function writeSlowly(source: Readable, response: ServerResponse, chunk: Buffer): void {
  if (response.write(chunk)) return
  source.pause()
  response.once('drain', () => source.resume())
  response.once('close', () => source.resume())
}

function writeHead(response: ServerResponse, lines: string): void {
  let status = 200
  for (const line of lines.split('\r\n')) {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon)
    const value = line.slice(colon + 1).trim()
    if (name.toLowerCase() === 'status') status = Number.parseInt(value, 10)
    else response.setHeader(name, value)
  }
  response.writeHead(status)
}

async function readChanges(pushFile: string): Promise<RefChange[]> {
  const text = await readFile(pushFile, 'utf8').catch(() => '')
  await rm(pushFile, { force: true })
  return text
    .split('\n')
    .filter(line => line !== '')
    .map(line => {
      const [old = '', recent = '', ...ref] = line.split(' ')
      return { old, new: recent, ref: ref.join(' ') }
    })
}
