// /archive: takes a function out of service by hand.
import { archive } from '../functions/archive.ts'
import { type Command, functionOf } from './command.ts'

export const archiveCommand: Command = {
  name: 'archive',
  usage: '/archive [environment] <function>',
  help: 'Holds its executions and rests its cron; no deploy brings it back, only a restore.',
  mutates: true,
  minimum: { preview: 'write', named: 'admin' },
  onClosedPull: true,
  accepts: { names: 2 },
  target: 'function',
  run({ core, actor }, request) {
    return archive(core, { ...functionOf(request), actor })
  },
}
