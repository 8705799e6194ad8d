// /rollback: back to what was live before, for a whole environment or one function.
import { rollback } from '../functions/rollback.ts'
import { type Command, targetOf } from './command.ts'

export const rollbackCommand: Command = {
  name: 'rollback',
  usage: '/rollback [environment] [function] [to <version|build|sha>] ["reason"]',
  help: 'Runs an earlier build or version again (by default the one before) and pins the environment until it is resumed.',
  mutates: true,
  minimum: { preview: 'maintain', named: 'maintain' },
  onClosedPull: true,
  onCommits: true,
  accepts: { names: 2, keyword: 'to', text: true },
  target: 'environment or function',
  run({ core, actor }, request) {
    const { environment: _environment, ...target } = targetOf(request)
    return rollback(core, { ...target, actor, to: request.value, reason: request.text?.trim() || null })
  },
}
