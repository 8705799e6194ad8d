// Sluice's processes, each of one role, watched as an operator's supervisor does: what ends is started again at once, until the
// run heals. Keeps what happened to each process, for the ledger's readers: who was killed when, and at which crash point.
import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream, mkdirSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { checkout } from '../sandbox/demo/server.ts'
import type { CrashPoint } from '../src/crash-point.ts'
import type { Role, Slot } from './schedule.ts'

/** One process of a slot, from its start to its end. */
export interface Life {
  slot: Slot
  pid: number
  startedMs: number
  upMs: number | null
  endedMs: number | null
  how: 'killed' | 'crashed' | 'stopped' | 'by itself' | null
  code: number | null
  point: CrashPoint | null
  /** Its CRASH_AT. */
  armed: string
  /** While it stood still. */
  frozen: { fromMs: number; toMs: number }[]
}

export interface Crash {
  point: CrashPoint
  nth: number
}

export interface Watched {
  slot: Slot
  logFile: string
  /** To be reached one after another: the first is armed at every start, besides what stands armed in all of its role. */
  arm(crashes: readonly Crash[]): void
  /** From its next start on nothing is armed. */
  disarm(): void
  life(): Life
  pid(): number
  /** Resolves when the process of now is up, however often it has to be started until then. */
  up(): Promise<void>
  /** Resolves when the process of now has ended. */
  ended(): Promise<Life>
  kill(): Promise<void>
  /** With SIGTERM, for good. */
  stop(): Promise<Life>
  /** At once, for good. */
  end(): Promise<void>
}

export interface Start {
  slot: Slot
  folder: string
  settings: Record<string, string>
  /** Crash points that stand armed now. */
  standing(): CrashPoint[]
  onEnd(life: Life): void
}

const roleOf = (slot: Slot): Role =>
  slot.startsWith('worker') ? 'worker' : slot === 'web' ? 'web' : 'builder'
// As a supervisor waits between the starts of what cannot start, because PostgreSQL is away.
const startAgainMs = 250

export function watch(options: Start): Watched {
  const { slot, folder } = options
  mkdirSync(folder, { recursive: true })
  const logFile = path.join(folder, 'sluice.log')
  let armed: readonly Crash[] = []
  let stopping = false
  let disarmed = false
  let run = begin()

  function begin(): Run {
    const setting = [
      ...armed.slice(0, 1).map(({ point, nth }) => `${point}:${nth}`),
      ...(slot.startsWith('worker') ? options.standing() : []),
    ].join(',')
    const started = start(options, roleOf(slot), logFile, disarmed ? '' : setting)
    void started.ended.then(async life => {
      options.onEnd(life)
      armed = armed.filter(one => one.point !== life.point)
      if (stopping) return
      if (life.how === 'by itself') await sleep(startAgainMs)
      if (!stopping) run = begin()
    })
    return started
  }

  return {
    slot,
    logFile,
    arm(crashes) {
      armed = crashes
    },
    disarm() {
      disarmed = true
    },
    life: () => run.life,
    pid: () => run.life.pid,
    async up() {
      for (;;) {
        const { up, ended } = run
        if ((await Promise.race([up, ended.then(() => 'ended')])) !== 'ended') return
        await sleep(1) // the next begins after this one's end was noted
        if (run.life.endedMs !== null) await sleep(startAgainMs)
      }
    },
    ended: () => run.ended,
    async kill() {
      const { life, child, ended } = run
      life.how ??= 'killed'
      child.kill('SIGKILL')
      await ended
    },
    async stop() {
      stopping = true
      const { life, child, ended } = run
      if (life.endedMs === null) life.how ??= 'stopped'
      child.kill('SIGTERM')
      return ended
    },
    async end() {
      stopping = true
      run.child.kill('SIGKILL')
      await run.ended
    },
  }
}

interface Run {
  child: ChildProcess
  life: Life
  up: Promise<void>
  ended: Promise<Life>
}

function start({ slot, folder, settings }: Start, role: Role, logFile: string, crashAt: string): Run {
  const child = spawn(process.execPath, [path.join(checkout, 'bin/sluice.js'), 'start', '--roles', role], {
    cwd: checkout,
    env: { ...process.env, ...settings, SLUICE_DATA: folder, CRASH_AT: crashAt, ...quickly(folder) },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const startedMs = Date.now()
  const life: Life = {
    ...{
      slot,
      pid: child.pid ?? 0,
      startedMs,
      upMs: null,
      endedMs: null,
      how: null,
      code: null,
      point: null,
    },
    armed: crashAt,
    frozen: [],
  }
  const log = createWriteStream(logFile, { flags: 'a' })
  child.stderr.pipe(log)
  child.stderr.on('data', (text: Buffer) => {
    const [, point] = /reached crash point (\S+)/.exec(text.toString()) ?? []
    if (point) life.point = point as CrashPoint // our own program says it
  })
  let output = ''
  const up = new Promise<void>(resolve =>
    child.stdout.on('data', chunk => {
      output += chunk
      if (life.upMs !== null || !/Sluice is up at/.test(output)) return
      life.upMs = Date.now()
      resolve()
    }),
  )
  const ended = new Promise<Life>(resolve =>
    // At `close` all that it said has been read.
    child.on('close', (code, signal) => {
      life.endedMs = Date.now()
      life.code = code
      if (signal === 'SIGKILL' && life.point !== null) life.how = 'crashed'
      life.how ??= 'by itself'
      resolve(life)
    }),
  )
  return { child, life, up, ended }
}

/** What one start has compiled the next one need not: they are many. */
const quickly = (folder: string) => ({ NODE_COMPILE_CACHE: path.join(folder, '../../compiled') })
