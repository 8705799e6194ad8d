// What the operator asked for against what the machine can do: refuses to start, or says in the log what it means.
import { AppError } from '../errors.ts'
import type { Log } from '../log.ts'
import { type Isolation, type Level, levelOf } from './isolation.ts'
import { probeIsolation } from './probe.ts'

const meaning: Record<Level, string> = {
  bubblewrap: 'code of repositories runs in sandboxes',
  'bubblewrap-host-proc':
    'code of repositories runs in sandboxes; they see the numbers of this machine’s processes, and no more of them',
  process:
    'code of repositories runs as processes of this user: it can read what this user can, the settings of Sluice among it',
}
const remedy =
  'Install bubblewrap (apt-get install bubblewrap, dnf install bubblewrap, apk add bubblewrap) and let users make namespaces; docs/isolation.md says how'

/** @throws AppError `misconfigured` when isolation is required and not to be had. */
export async function findIsolation(
  wanted: 'required' | 'auto' | 'off',
  searchPath: string,
  log: Log,
): Promise<Isolation> {
  const isolation = await probeIsolation(wanted !== 'off', searchPath)
  const level = levelOf(isolation)
  const limits = isolation.cgroups === null ? 'of each process' : 'of each build and function'
  const fields = {
    isolation: level,
    memoryLimits: limits,
    ...(isolation.lacks.length > 0 ? { lacks: isolation.lacks } : {}),
  }
  if (level !== 'process') log.info(fields, `isolation: ${meaning[level]}`)
  else if (wanted === 'required')
    throw new AppError(
      'misconfigured',
      `SLUICE_ISOLATION is "required", but commands cannot be isolated here: ${isolation.lacks.join('; ')}. ${remedy}; or set SLUICE_ISOLATION=auto where everybody who can push is trusted.`,
    )
  else
    log.warn(fields, `isolation: ${meaning[level]}. ${wanted === 'off' ? 'SLUICE_ISOLATION is off' : remedy}`)
  return isolation
}
