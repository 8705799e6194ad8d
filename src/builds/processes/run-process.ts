// Runs one command of a build: in a process group of its own, with exactly the environment given, its output as lines. How
// it ended is a value. Whatever ends it (its exit, a limit, the build's abort), the whole group is ended with it.
import { type ChildProcess, spawn } from 'node:child_process'
import { createFlood } from './flood.ts'

export interface Command {
  file: string
  args: string[]
  cwd: string
  env: Record<string, string>
  signal: AbortSignal
  timeoutMs: number
  outputBytes: number
  onLine(line: string): void
  /** Opens a channel for messages of the child: a stranger's, to be checked. The first one ends the process. */
  onMessage?(message: unknown): void
  /** Looks after a limit while the process runs, calls `over` once it is passed; what it returns stops that. */
  watch?(over: () => void): () => void
}

export type Limit = 'cpu' | 'memory' | 'disk' | 'file_size' | 'output'

export type Ended =
  | { kind: 'exited'; code: number }
  | { kind: 'killed'; signal: NodeJS.Signals }
  | { kind: 'answered' }
  | { kind: 'timed_out' }
  | { kind: 'over'; limit: Limit }

// A grandchild in a session of its own may hold the output open for ever; what it writes after this is not read.
const drainMs = 1_000

/** @throws what the signal was aborted with, once the process has gone; or the error that kept it from starting. */
export async function runProcess(command: Command): Promise<Ended> {
  command.signal.throwIfAborted()
  const child = spawn(command.file, command.args, {
    cwd: command.cwd,
    env: command.env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', ...(command.onMessage ? (['ipc'] as const) : [])],
  })
  const why: { reason: Ended | null } = { reason: null }
  const end = (reason: Ended | null) => {
    why.reason ??= reason
    endGroup(child)
  }
  const onAbort = () => end(null)
  const limit = setTimeout(() => end({ kind: 'timed_out' }), command.timeoutMs)
  command.signal.addEventListener('abort', onAbort, { once: true })
  child.once('message', message => {
    command.onMessage?.(message)
    end({ kind: 'answered' })
  })
  readOutput(child, command, () => end({ kind: 'over', limit: 'output' }))
  const stopWatching = command.watch?.(() => end({ kind: 'over', limit: 'disk' }))
  try {
    const exit = await exitOf(child)
    endGroup(child)
    await drained(child)
    command.signal.throwIfAborted()
    return why.reason ?? exit
  } finally {
    stopWatching?.()
    clearTimeout(limit)
    command.signal.removeEventListener('abort', onAbort)
  }
}

/** Beyond the limit nothing is looked at any more, but all is read, so that what is still in the pipe holds up nobody. */
function readOutput(child: ChildProcess, { onLine, outputBytes }: Command, over: () => void): void {
  let left = outputBytes
  for (const stream of [child.stdout, child.stderr]) {
    const lines = createFlood(onLine)
    stream?.on('data', (chunk: Buffer) => {
      left -= chunk.length
      if (left >= 0) lines.write(chunk)
      else over()
    })
    stream?.on('close', () => lines.end())
  }
}

function exitOf(child: ChildProcess): Promise<Ended> {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) =>
      resolve(signal ? { kind: 'killed', signal } : { kind: 'exited', code: code ?? 1 }),
    )
  })
}

async function drained(child: ChildProcess): Promise<void> {
  const streams = [child.stdout, child.stderr].filter(stream => stream !== null && !stream.closed)
  const closed = Promise.all(streams.map(stream => new Promise(resolve => stream?.once('close', resolve))))
  const limit = setTimeout(() => {
    for (const stream of streams) stream?.destroy()
  }, drainMs)
  await closed
  clearTimeout(limit)
}

function endGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // nobody of the group is left
  }
}
