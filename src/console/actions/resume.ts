// Resume: a function's pause, or the pause, the drain and the pin of an environment.
import { resume } from '../../functions/resume.ts'
import { type Action, onEither, ruleOf } from './action.ts'

export const resumeAction: Action = {
  name: 'resume',
  on: 'either',
  rule: ruleOf('resume'),
  title: 'Resume',
  lesson:
    'What was held runs, in order. Of an environment it also lifts a drain and the pin that a rollback left: the newest good build goes live.',
  carryOut: ({ core }, asked, dryRun) => resume(core, onEither(asked, dryRun)),
}
