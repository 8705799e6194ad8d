// Clears what calls leave behind beside their executions: payloads that no execution names any more, and idempotency keys that
// have had their day. Any number of processes may do it at once.
import type { ArtifactStore } from '../builds/ports.ts'
import type { Core } from '../events/outbox.ts'
import type { Log } from '../log.ts'
import { every, type Service } from '../service.ts'
import { forgetKeys } from './once.ts'
import { sweepPayloads } from './payloads.ts'

export interface CallSweepDeps {
  core: Core
  artifacts: Pick<ArtifactStore, 'delete'>
  log: Log
}

const intervalMs = 10 * 60_000

export function createCallSweep({ core, artifacts, log }: CallSweepDeps): Service {
  return every('call sweep', intervalMs, log, async () => {
    await forgetKeys(core)
    await sweepPayloads(core, artifacts)
  })
}
