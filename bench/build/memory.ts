// The most memory that Sluice's process and its bundler's held at any time, as Linux counts it.
import { readdir, readFile } from 'node:fs/promises'

export async function peakMemoryMb(pid: number): Promise<{ sluice: number; bundler: number }> {
  const bundlers: number[] = []
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const status = await read(`/proc/${name}/status`)
    const command = await read(`/proc/${name}/cmdline`)
    if (status.includes(`\nPPid:\t${pid}\n`) && command.includes('esbuild')) bundlers.push(peakOf(status))
  }
  return { sluice: peakOf(await read(`/proc/${pid}/status`)), bundler: Math.max(0, ...bundlers) }
}

function peakOf(status: string): number {
  return Math.round(Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1_000)
}

/** Empty for a process that ended meanwhile. */
function read(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '')
}
