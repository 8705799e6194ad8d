// What a process and all that descend from it have used, as the kernel counts it: time of the processors, and memory of which
// shared pages are counted once, in parts.
import { readdirSync, readFileSync } from 'node:fs'

export interface Usage {
  cpuMs: number
  memoryMb: number
}

// Of the kernel's clock in /proc; it is 100 wherever Node runs.
const ticksPerSecond = 100

interface Process {
  pid: number
  parent: number
  cpuMs: number
}

export function usageOf(pid: number): Usage {
  const tree = descendants(pid, listProcesses())
  return {
    cpuMs: sum(tree.map(one => one.cpuMs)),
    memoryMb: sum(tree.map(one => memoryOf(one.pid))),
  }
}

/** Without the tree that hangs below `except`. */
export function usageBeside(pid: number, except: number): Usage {
  const [all, rest] = [usageOf(pid), usageOf(except)]
  return { cpuMs: all.cpuMs - rest.cpuMs, memoryMb: all.memoryMb - rest.memoryMb }
}

function descendants(pid: number, all: Process[]): Process[] {
  const own = all.filter(one => one.pid === pid)
  const children = all.filter(one => one.parent === pid)
  return [...own, ...children.flatMap(one => descendants(one.pid, all))]
}

function listProcesses(): Process[] {
  return readdirSync('/proc').flatMap(name => {
    if (!/^\d+$/.test(name)) return []
    const stat = read(`/proc/${name}/stat`)
    // The name in parentheses may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    // Its own time and that of children it has waited for.
    const ticks = sum(fields.slice(11, 15).map(Number))
    return stat === ''
      ? []
      : [{ pid: Number(name), parent: Number(fields[1]), cpuMs: (ticks * 1_000) / ticksPerSecond }]
  })
}

function memoryOf(pid: number): number {
  const kb = /^Pss:\s+(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1]
  return Number(kb ?? 0) / 1_024
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return '' // it has ended
  }
}

function sum(numbers: number[]): number {
  return numbers.reduce((all, one) => all + one, 0)
}
