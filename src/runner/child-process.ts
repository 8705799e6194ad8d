// One child process: started with an explicit environment in its own process group and enclosure, spoken to over IPC, and
// ended, with its whole group, by SIGKILL. Its end is known at `exit`: descendants that hold its pipes delay nothing.
import { type ChildProcess as NodeProcess, spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Enclosure } from './enclosures.ts'
import { signalOf } from './exit-kind.ts'
import { type Output, readOutput } from './output.ts'
import { FromChild, type ToChild } from './protocol.ts'

export interface ChildEnd {
  code: number | null
  signal: string | null
  stderr: string
  /** Whether it came as far as loading the function's code. */
  started: boolean
  /** The limit of memory for which something of it was ended. */
  memoryLimitMb: number | null
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

const lastOutputMs = 200
const disconnectedMs = 500

/** The enclosure is removed when the child ends. */
export function startChild(enclosure: Enclosure, environment: Record<string, string>): Child {
  const { file, args, cwd, home } = enclosure
  try {
    const spawned = spawn(file, args, {
      cwd,
      env: { ...environment, HOME: home, TMPDIR: home },
      detached: true, // a process group of its own
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    return follow(spawned, enclosure)
  } catch (error) {
    enclosure.remove()
    throw error
  }
}

function follow(spawned: NodeProcess, enclosure: Enclosure): Child {
  const inbox = createInbox()
  let pass: ((text: string) => void) | null = null
  let alive = true
  let started = false
  const outputs = [spawned.stdout, spawned.stderr].map(stream =>
    stream ? readOutput(stream, text => pass?.(text)) : null,
  )
  spawned.on('message', message => {
    const said = FromChild.safeParse(message).data ?? null
    if (!started && said?.type === 'started') started = true
    else inbox.put(said)
  })
  // It can no longer answer, but might live on. Not at once: one that exits closes its channel first, and its code counts.
  spawned.on('disconnect', () => setTimeout(() => alive && kill(spawned), disconnectedMs).unref())
  async function end(): Promise<ChildEnd> {
    const how = await endOf(spawned, outputs[1] ?? null)
    alive = false
    inbox.close()
    const signal = how.signal ?? (enclosure.walled ? signalOf(how.code) : null)
    const memoryLimitMb = await enclosure.passedMemoryMb()
    enclosure.remove()
    return { ...how, code: signal === null ? how.code : null, signal, started, memoryLimitMb }
  }
  const ended = end()
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

type ProcessEnd = Pick<ChildEnd, 'code' | 'signal' | 'stderr'>

async function endOf(spawned: NodeProcess, stderr: Output | null): Promise<ProcessEnd> {
  const { promise, resolve } = Promise.withResolvers<Omit<ProcessEnd, 'stderr'>>()
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
  const disconnected = new Promise(done => spawned.once('disconnect', done))
  const end = await promise
  await Promise.race([Promise.all([closed, disconnected]), sleep(lastOutputMs)])
  // What might live on, because the walls were taken down while they were put up, ends with the channel.
  if (spawned.connected) spawned.disconnect()
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
