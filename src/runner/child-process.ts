// One child process: started with an explicit environment in its own process group and private folder, spoken to over IPC,
// and ended, with its whole group, by SIGKILL. Its end is known at `exit`: descendants that hold its pipes delay nothing.
import { type ChildProcess as NodeProcess, spawn } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Output, readOutput } from './output.ts'
import { FromChild, type ToChild } from './protocol.ts'

export interface ChildEnd {
  code: number | null
  signal: string | null
  stderr: string
}

export interface Child {
  send(message: ToChild): void
  /** The next message; null when it ended, or said something that is no message of ours. */
  next(): Promise<FromChild | null>
  /** Where its output goes from now on; null: nowhere. */
  listen(pass: ((text: string) => void) | null): void
  kill(): void
  readonly ended: Promise<ChildEnd>
  isAlive(): boolean
}

export interface ChildOptions {
  /** child.ts, as program.ts made it. */
  program: string
  bundle: string
  /** Its HOME, TMPDIR and working folder: removed when it ends. */
  home: string
  environment: Record<string, string>
  memoryMb: number
  /** Makes the child die with us, where the system can: see leash.ts. */
  leash: readonly string[]
}

const lastOutputMs = 200
const disconnectedMs = 500

export function startChild(options: ChildOptions): Child {
  const command = [
    ...options.leash,
    process.execPath,
    '--enable-source-maps',
    `--max-old-space-size=${options.memoryMb}`,
    options.program,
    options.bundle,
  ]
  const [file = process.execPath, ...args] = command
  const spawned = spawn(file, args, {
    cwd: options.home,
    env: { ...options.environment, HOME: options.home, TMPDIR: options.home },
    detached: true, // a process group of its own
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  return follow(spawned, options.home)
}

function follow(spawned: NodeProcess, home: string): Child {
  const inbox = createInbox()
  let pass: ((text: string) => void) | null = null
  let alive = true
  const outputs = [spawned.stdout, spawned.stderr].map(stream =>
    stream ? readOutput(stream, text => pass?.(text)) : null,
  )
  spawned.on('message', message => inbox.put(FromChild.safeParse(message).data ?? null))
  // It can no longer answer, but might live on. Not at once: one that exits closes its channel first, and its code counts.
  spawned.on('disconnect', () => setTimeout(() => alive && kill(spawned), disconnectedMs).unref())
  const ended = endOf(spawned, outputs[1] ?? null).finally(() => {
    alive = false
    inbox.close()
    void rm(home, { recursive: true, force: true, maxRetries: 3 }).catch(() => {})
  })
  return {
    send: message => void spawned.send(message, () => {}), // one that cannot be sent has an end that says why
    next: inbox.take,
    listen(to) {
      pass = to
      for (const output of outputs) output?.reset()
    },
    kill() {
      alive = false
      kill(spawned)
    },
    ended,
    isAlive: () => alive && spawned.connected,
  }
}

async function endOf(spawned: NodeProcess, stderr: Output | null): Promise<ChildEnd> {
  const { promise, resolve } = Promise.withResolvers<Omit<ChildEnd, 'stderr'>>()
  let failure = ''
  spawned.on('exit', (code, signal) => {
    kill(spawned) // what it left in its group
    resolve({ code, signal })
  })
  spawned.on('error', error => {
    failure = error.message
    if (spawned.pid === undefined) resolve({ code: null, signal: null })
  })
  const closed = new Promise(done => spawned.stderr?.once('close', done))
  const end = await promise
  await Promise.race([closed, sleep(lastOutputMs)])
  spawned.stdout?.destroy()
  spawned.stderr?.destroy()
  return { ...end, stderr: failure || (stderr?.tail() ?? '') }
}

function kill(spawned: NodeProcess): void {
  if (spawned.pid === undefined) return
  try {
    process.kill(-spawned.pid, 'SIGKILL')
  } catch {
    spawned.kill('SIGKILL') // the group is gone, or not made yet
  }
}

interface Inbox {
  put(message: FromChild | null): void
  take(): Promise<FromChild | null>
  close(): void
}

/** One message at a time is asked for and answered; any other is somebody else talking, and ends the conversation. */
function createInbox(): Inbox {
  let waiting: ((message: FromChild | null) => void) | null = null
  let early: FromChild | null | undefined
  let closed = false
  return {
    put(message) {
      if (waiting) waiting(message)
      else early = message
      waiting = null
    },
    take() {
      if (closed) return Promise.resolve(null)
      if (early !== undefined) {
        const message = early
        early = undefined
        return Promise.resolve(message)
      }
      const { promise, resolve } = Promise.withResolvers<FromChild | null>()
      waiting = resolve
      return promise
    },
    close() {
      closed = true
      waiting?.(null)
    },
  }
}
