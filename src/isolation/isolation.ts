// How commands of strangers are kept apart on this machine: found by the probe, said in the log, used for every one of them.
import { type Bubblewrap, bubblewrapped, type System, type Walls } from './bubblewrap.ts'
import type { Cgroups } from './cgroups.ts'
import { limited, type ProcessLimits } from './limits.ts'

export interface Isolation {
  /** Null: commands are processes of our user that see what it sees. */
  bubblewrap: Bubblewrap | null
  system: System
  /** The program of that name, as a path. */
  nice: string | null
  /** Ties a process to our life, where bubblewrap does not (leash.ts). */
  leash: readonly string[]
  /** Null: there are no limits of a whole tree of processes. */
  cgroups: Cgroups | null
  /** Why it is not better. */
  lacks: readonly string[]
}

export type Level = 'bubblewrap' | 'bubblewrap-host-proc' | 'process'

export function levelOf({ bubblewrap }: Isolation): Level {
  if (bubblewrap === null) return 'process'
  return bubblewrap.proc === 'own' ? 'bubblewrap' : 'bubblewrap-host-proc'
}

/** What to start, in place of the command, with the command's environment and in its folder. */
export function enclose(
  isolation: Isolation,
  command: { file: string; args: readonly string[]; cwd: string },
  walls: Walls,
  limits: ProcessLimits,
  join: readonly string[],
): { file: string; args: string[] } {
  const { bubblewrap, system, leash, nice } = isolation
  const around = bubblewrap === null ? leash : bubblewrapped(bubblewrap, system, walls, command.cwd)
  const [file = '', ...args] = [...limited(limits, join, nice), ...around, command.file, ...command.args]
  return { file, args }
}
