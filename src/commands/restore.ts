// /restore: brings an archived function back into service.
import { restore } from '../functions/restore.ts'
import { type Command, functionOf } from './command.ts'

export const restoreCommand: Command = {
  name: 'restore',
  usage: '/restore [environment] <function>',
  help: 'Brings an archived function back; its held executions and its cron go on.',
  mutates: true,
  minimum: { preview: 'write', named: 'admin' },
  onClosedPull: true,
  accepts: { names: 2 },
  target: 'function',
  run({ core, actor }, request) {
    return restore(core, { ...functionOf(request), actor })
  },
}
