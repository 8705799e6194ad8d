// Works the commands' jobs: a few at once; those of one comment one after another (run.ts sends the next when one is answered).
import type { Service } from '../service.ts'
import { type RunDeps, runCommand } from './run.ts'

const concurrency = 4

export function createCommands(deps: RunDeps): Service {
  return {
    name: 'commands',
    async start() {
      await deps.core.jobs.work('command', concurrency, ({ commandId }) => runCommand(deps, commandId))
    },
    // Its jobs end with the queue, which app.ts stops.
    async stop() {},
  }
}
