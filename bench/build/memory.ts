// The most memory that Sluice's process and its bundler's held at any time, as Linux counts it (proc(5): VmHWM, clear_refs).
import { readdir, readFile, writeFile } from 'node:fs/promises'

export async function peakMemoryMb(pid: number): Promise<{ sluice: number; bundler: number }> {
  const bundlers = await Promise.all((await bundlersOf(pid)).map(one => read(`/proc/${one}/status`)))
  return {
    sluice: peakOf(await read(`/proc/${pid}/status`)),
    bundler: Math.max(0, ...bundlers.map(peakOf)),
  }
}

/** From here on the peak is that of what follows. */
export async function forgetPeak(pid: number): Promise<void> {
  for (const one of [pid, ...(await bundlersOf(pid))]) await writeFile(`/proc/${one}/clear_refs`, '5')
}

async function bundlersOf(pid: number): Promise<number[]> {
  const processes = (await readdir('/proc')).filter(name => /^\d+$/.test(name))
  const found = await Promise.all(
    processes.map(async one => {
      const status = await read(`/proc/${one}/status`)
      if (!status.includes(`\nPPid:\t${pid}\n`)) return []
      return (await read(`/proc/${one}/cmdline`)).includes('esbuild') ? [Number(one)] : []
    }),
  )
  return found.flat()
}

function peakOf(status: string): number {
  return Math.round(Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1_000)
}

/** Empty for a process that ended meanwhile. */
function read(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '')
}
