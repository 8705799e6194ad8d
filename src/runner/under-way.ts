// The calls that run now, to be told what concerns them.
import type { Warning } from '../executions/ports.ts'
import type { Child } from './child-process.ts'

export interface CallsUnderWay {
  begin(child: Child, environmentId: string): void
  end(child: Child): void
  warn(warning: Warning, environmentId?: string): void
}

const goesOn = () => {}

export function createCallsUnderWay(): CallsUnderWay {
  const environments = new Map<Child, string>()
  let forAll: Warning | null = null
  return {
    begin(child, environmentId) {
      environments.set(child, environmentId)
      if (forAll !== null) child.tell(forAll, goesOn)
    },
    end: child => void environments.delete(child),
    warn(warning, environmentId) {
      if (environmentId === undefined) forAll ??= warning
      for (const [child, where] of environments)
        if (environmentId === undefined || environmentId === where) child.tell(warning, goesOn)
    },
  }
}
