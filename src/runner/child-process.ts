// One child process: started with an explicit environment in its own process group and enclosure, spoken to on a descriptor of
// its own, and ended, with its whole group, by SIGKILL. Its end is known at `exit`: descendants that hold its pipes delay nothing.
import { type ChildProcess as NodeProcess, spawn } from 'node:child_process'
import { Duplex, Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AttemptLog } from './attempt-log.ts'
import { type Conversation, createConversation, type Reply } from './conversation.ts'
import type { Enclosure } from './enclosures.ts'
import { signalOf } from './exit-kind.ts'
import { logDescriptor } from './log-lines.ts'
import { type ChildOutput, createOutput } from './output.ts'
import { channelDescriptor, type Run } from './protocol.ts'
import type { Standstill } from './standstill.ts'

export interface ChildEnd {
  code: number | null
  signal: string | null
  stderr: string
  /** Whether it came as far as loading the function's code. */
  started: boolean
  /** The limit of memory for which something of it was ended. */
  memoryLimitMb: number | null
  /** It was ended because this process stood still. */
  stoodStill: boolean
}

export interface Logged extends Run {
  /** Where what it says goes. */
  log: AttemptLog
}

/** A call that was sent. */
export interface Turn {
  reply: Promise<Reply>
  /** Its turn has come: what the process says is said by it. */
  begin(): void
}

export interface Child extends Pick<Conversation, 'loaded' | 'tell' | 'isConfused'> {
  readonly startedAtMs: number
  /** Where its output goes until it is sent something. */
  listen(log: AttemptLog): void
  /** They run one after another. */
  send(calls: Logged[]): Turn[]
  kill(): void
  readonly ended: Promise<ChildEnd>
  isAlive(): boolean
}

const lastOutputMs = 200
const silentMs = 500

/** The enclosure is removed when the child ends. */
export function startChild(
  enclosure: Enclosure,
  environment: Readonly<Record<string, string>>,
  standstill: Standstill,
): Child {
  const { file, args, cwd, home } = enclosure
  try {
    const spawned = spawn(file, args, {
      cwd,
      env: { ...environment, HOME: home, TMPDIR: home },
      detached: true, // a process group of its own
      stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
    })
    return follow(spawned, enclosure, standstill)
  } catch (error) {
    enclosure.remove()
    throw error
  }
}

function follow(spawned: NodeProcess, enclosure: Enclosure, standstill: Standstill): Child {
  const channel = channelOf(spawned)
  const conversation = createConversation(channel, () => kill(spawned))
  const { stdout, stderr } = spawned
  const lines: unknown = spawned.stdio[logDescriptor]
  const output = createOutput({ stdout, stderr, lines: lines instanceof Readable ? lines : null })
  let alive = true
  let stoodStill = false
  const { pid } = spawned
  if (pid !== undefined) {
    standstill.watch(pid)
    spawned.on('exit', () => {
      stoodStill = standstill.release(pid)
    })
  }
  // It can no longer answer, but might live on. Not at once: one that exits closes its channel first, and its code counts.
  channel.on('close', () => setTimeout(() => alive && kill(spawned), silentMs).unref())
  async function end(): Promise<ChildEnd> {
    const how = await endOf(spawned, channel, output)
    alive = false
    conversation.close()
    const signal = how.signal ?? (enclosure.walled ? signalOf(how.code) : null)
    const memoryLimitMb = await enclosure.passedMemoryMb()
    enclosure.remove()
    const started = conversation.hasStarted()
    return { ...how, code: signal === null ? how.code : null, signal, started, memoryLimitMb, stoodStill }
  }
  async function noteEnd(coming: Promise<Reply>): Promise<Reply> {
    const reply = await coming
    if (reply !== null && reply !== 'late') output.end(reply.lines)
    return reply
  }
  const ended = end()
  const { loaded, tell, isConfused } = conversation
  return {
    loaded,
    tell,
    isConfused,
    startedAtMs: performance.now(),
    listen: output.listen,
    send(calls) {
      const sent = conversation.send(calls)
      output.expect(new Map(sent.map(({ number, log }) => [number, log])))
      return sent.map(({ number, reply }) => ({
        reply: noteEnd(reply),
        begin: () => output.begin(number),
      }))
    },
    kill() {
      alive = false
      kill(spawned)
    },
    ended,
    isAlive: () => alive && !channel.destroyed,
  }
}

function channelOf(spawned: NodeProcess): Duplex {
  const channel: unknown = spawned.stdio[channelDescriptor]
  if (channel instanceof Duplex) return channel
  throw new Error('a process was started without its channel')
}

type ProcessEnd = Pick<ChildEnd, 'code' | 'signal' | 'stderr'>

async function endOf(spawned: NodeProcess, channel: Duplex, output: ChildOutput): Promise<ProcessEnd> {
  const { promise, resolve } = Promise.withResolvers<Omit<ProcessEnd, 'stderr'>>()
  let failure = ''
  spawned.on('exit', (code, signal) => {
    kill(spawned) // what it left in its group
    output.drain()
    resolve({ code, signal })
  })
  spawned.on('error', error => {
    failure = error.message
    if (spawned.pid === undefined) resolve({ code: null, signal: null })
  })
  const closed = new Promise(done => spawned.stderr?.once('close', done))
  const silent = new Promise(done => channel.once('close', done))
  const end = await promise
  await Promise.race([Promise.all([closed, silent]), sleep(lastOutputMs)])
  // What might live on, because the walls were taken down while they were put up, ends with the channel.
  channel.destroy()
  output.close()
  return { ...end, stderr: failure || output.tail() }
}

function kill(spawned: NodeProcess): void {
  if (spawned.pid === undefined) return
  try {
    process.kill(-spawned.pid, 'SIGKILL')
  } catch {
    spawned.kill('SIGKILL') // the group is gone, or not made yet
  }
}
