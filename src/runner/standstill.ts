// Ends the children of a worker that stands still (RELIABILITY.md F17): stopped, or kept from running, it can neither renew their
// leases nor end them, and others will take their executions. A function may block its own process, so nothing in there can do
// it: one small shell beside the worker looks for a sign of it every two seconds, and when there was none seven times ends the
// children that are written down. That is within 16 s; a lease that was renewed in time has four more then. It hangs on the worker's
// life as they do; where nothing can be hung on that (leash.ts), there is none.
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

export interface Standstill {
  /** From here on it is ended, with its group, when this process stands still. */
  watch(pid: number): void
  /** It has ended. True: because this process stood still. */
  release(pid: number): boolean
  stop(): void
}

export interface Pace {
  everyMs: number
  /** How many times in a row there is no sign. */
  times: number
}

const usualPace: Pace = { everyMs: 2_000, times: 7 }

// Everything in it is the shell's own but `sleep` and `rm`.
const script = `
  n=0
  while sleep "$3"; do
    if [ -e "$1/alive" ]; then rm -f "$1/alive"; n=0
    else n=$((n + 1)); [ "$n" -lt "$2" ] || break
    fi
  done
  : > "$1/ended"
  while read -r pid; do kill -9 "-$pid"; done < "$1/children"
`

export const noStandstill: Standstill = { watch() {}, release: () => false, stop() {} }

/** `folder`: of this process alone. It need not be there. */
export function createStandstill(folder: string, leash: readonly string[], pace = usualPace): Standstill {
  const [file, ...before] = leash
  if (file === undefined) return noStandstill
  const children = new Set<number>()
  const victims = new Set<number>()
  const at = (name: string) => path.join(folder, name)
  let shell: ChildProcess | null = null
  let signs: NodeJS.Timeout | undefined
  let stopped = false

  function start(): void {
    rmSync(at('ended'), { force: true })
    const args = [folder, String(pace.times), String(pace.everyMs / 1_000)]
    const started = spawn(file ?? '', [...before, 'sh', '-c', script, 'standstill', ...args], {
      detached: true, // what stops or ends our group is not to stop it
      stdio: 'ignore',
      env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
    })
    started.on('error', () => {}) // seen as an exit
    started.on('exit', () => shell === started && over())
    started.unref()
    shell = started
    giveSign()
    signs = setInterval(giveSign, pace.everyMs / 2).unref()
  }

  /** It has done its work, or was ended by somebody. */
  function over(): void {
    end()
    if (existsSync(at('ended'))) for (const pid of children) victims.add(pid)
    if (children.size > 0 && !stopped) start()
  }

  function giveSign(): void {
    try {
      writeFileSync(at('alive'), '') // empty: a full disk takes it, too
    } catch {} // what runs will be ended
  }

  function end(): void {
    const ending = shell
    shell = null
    clearInterval(signs)
    if (ending?.pid === undefined) return
    try {
      process.kill(-ending.pid, 'SIGKILL')
    } catch {} // it has ended
  }

  /** Never half written, also when we are stopped just then. */
  function write(): void {
    if (stopped) return
    mkdirSync(folder, { recursive: true })
    writeFileSync(at('children.new'), [...children, ''].join('\n'))
    renameSync(at('children.new'), at('children'))
  }

  return {
    watch(pid) {
      children.add(pid)
      write()
      if (shell === null && !stopped) start()
    },
    release(pid) {
      const stoodStill = victims.delete(pid) || existsSync(at('ended'))
      if (!children.delete(pid)) return false
      write()
      if (children.size === 0) end()
      return stoodStill
    },
    stop() {
      stopped = true
      end()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
