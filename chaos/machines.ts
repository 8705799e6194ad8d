// Sluice's processes with a proxy each between them and PostgreSQL, and a data folder each, as on machines of their own; and what
// became of every process there ever was.
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import type { CrashPoint } from '../src/crash-point.ts'
import { type Life, type Watched, watch } from './processes.ts'
import { type DatabaseProxy, openProxy } from './proxy.ts'
import { type Schedule, type Slot, slotsOf } from './schedule.ts'

export interface Machines {
  processes: ReadonlyMap<Slot, Watched>
  proxies: ReadonlyMap<Slot, DatabaseProxy>
  /** Of those that have ended. */
  lives: Life[]
  /** Crash points that were reached, and how often. */
  reached: ReadonlyMap<CrashPoint, number>
  of(slot: Slot): { process: Watched; proxy: DatabaseProxy }
  /** From the next start of a worker on, what waits for the clock is armed in it. */
  armStanding(): void
  allUp(): Promise<void>
  close(): Promise<void>
}

interface Place {
  schedule: Schedule
  folder: string
  /** The file of PostgreSQL's socket. */
  socket: string
  settings: Record<string, string>
}

export async function startMachines({ schedule, folder, socket, settings }: Place): Promise<Machines> {
  const lives: Life[] = []
  const reached = new Map<CrashPoint, number>()
  const processes = new Map<Slot, Watched>()
  const proxies = new Map<Slot, DatabaseProxy>()
  let armed = false
  const standing = () => (armed ? schedule.standing.filter(point => !reached.has(point)).slice(0, 1) : [])
  const onEnd = (life: Life) => {
    lives.push(life)
    if (life.point) reached.set(life.point, (reached.get(life.point) ?? 0) + 1)
  }
  for (const slot of slotsOf(schedule.workers)) {
    const at = path.join(folder, slot)
    mkdirSync(at)
    const proxy = await openProxy(at, socket)
    proxies.set(slot, proxy)
    const own = { ...settings, DATABASE_URL: addressOf(proxy) }
    processes.set(slot, watch({ slot, folder: path.join(at, 'data'), settings: own, standing, onEnd }))
  }
  const allOf = (work: (one: Watched) => Promise<void>) => Promise.all([...processes.values()].map(work))
  return {
    ...{ processes, proxies, lives, reached },
    of(slot) {
      const [process, proxy] = [processes.get(slot), proxies.get(slot)]
      if (!process || !proxy) throw new Error(`no process ${slot}`)
      return { process, proxy }
    },
    armStanding() {
      armed = true
    },
    async allUp() {
      await allOf(one => one.up())
    },
    async close() {
      await allOf(one => one.end())
      await Promise.all([...proxies.values()].map(proxy => proxy.close()))
    },
  }
}

const addressOf = (proxy: DatabaseProxy) =>
  `postgres://sluice@localhost/sluice?host=${encodeURIComponent(proxy.folder)}`
