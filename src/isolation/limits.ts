// What a process may use, set by the shell that starts it and inherited by all it starts. Of one process each: what a whole
// tree may use is the cgroup's (cgroups.ts), where there is one. Never a limit of processes: it counts those of our user
// everywhere, and Node can hang below eight. Pure.

export interface ProcessLimits {
  /** Beyond what an empty Node takes. */
  memoryBytes: number
  /** Null: without end. */
  cpuSeconds: number | null
  /** Of one file. */
  fileBytes: number
  /** Below our own, for the processor and, following it, for the disk; 0: beside us. */
  niceness: number
  /** Up to 1000, which the kernel ends first when the machine runs out of memory; we and the database are at 0. */
  oomScore: number
}

// An idle Node has 573 MB of writable memory mapped, of which it uses little (RUNTIME.md section 2).
const idleBytes = 600 * 1024 * 1024
const openFiles = 16_384
// Between the signal that can be told from others and the one that cannot be refused.
const cpuGraceSeconds = 5

/**
 * Comes before the command. `join`: files of cgroups that take the process's id. `nice`: a path, because this is run before
 * any wall stands and the search path may be a stranger's.
 */
export function limited(
  limits: ProcessLimits,
  join: readonly string[],
  nice: string | null,
): readonly string[] {
  const { niceness, oomScore } = limits
  const script = [
    ...join.map((_, index) => `echo $$ > "$${index + 1}"`),
    ...(join.length > 0 ? [`shift ${join.length}`] : []),
    `{ echo ${oomScore} > /proc/self/oom_score_adj; } 2>/dev/null || :`,
    ...[
      '-c 0',
      `-S -n ${openFiles}`,
      `-d ${Math.ceil((idleBytes + limits.memoryBytes) / 1024)}`,
      `-f ${Math.ceil(limits.fileBytes / 512)}`,
      ...processorLimits(limits.cpuSeconds),
      // Where the system knows no such limit, or has a lower one already, that stands.
    ].map(limit => `ulimit ${limit} 2>/dev/null || :`),
    nice === null || niceness === 0 ? 'exec "$@"' : `exec '${nice}' -n ${niceness} "$@"`,
  ]
  return ['/bin/sh', '-c', script.join('\n'), 'sh', ...join]
}

function processorLimits(cpuSeconds: number | null): string[] {
  if (cpuSeconds === null) return []
  const seconds = Math.ceil(cpuSeconds)
  return [`-S -t ${seconds}`, `-H -t ${seconds + cpuGraceSeconds}`]
}

/** Exit codes of a shell, or of bubblewrap, whose command was ended by the kernel's signal for a limit. */
export function limitOfSignal(ended: { code: number } | { signal: string }): 'cpu' | 'file_size' | null {
  if ('signal' in ended)
    return ended.signal === 'SIGXCPU' ? 'cpu' : ended.signal === 'SIGXFSZ' ? 'file_size' : null
  return ended.code === 152 ? 'cpu' : ended.code === 153 ? 'file_size' : null
}
