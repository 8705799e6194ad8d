// /resume: lifts a pause, a drain, and the pin that a rollback left on an environment.
import { resume } from '../functions/resume.ts'
import { type Command, targetOf } from './command.ts'

export const resumeCommand: Command = {
  name: 'resume',
  usage: '/resume [environment] [function]',
  help: 'Lifts a pause; of an environment also a drain, and the pin of a rollback, and its newest build goes live.',
  mutates: true,
  minimum: { preview: 'maintain', named: 'maintain' },
  onClosedPull: true,
  accepts: { names: 2 },
  target: 'environment or function',
  run({ core, actor }, request) {
    const { environment: _environment, ...target } = targetOf(request)
    return resume(core, { ...target, actor })
  },
}
