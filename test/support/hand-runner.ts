// A Runner whose attempts end when the test says so, or when they are stopped.
import type { Exit } from '../../src/executions/outcome.ts'
import type { Runner } from '../../src/executions/ports.ts'
import { inTurn } from './runner.ts'

export function createHandRunner() {
  const open = new Map<string, (exit: Exit) => void>()
  let most = 0
  const runner: Runner = {
    run: inTurn((attempt, signal) => {
      const { promise, resolve } = Promise.withResolvers<Exit>()
      open.set(attempt.executionId, resolve)
      most = Math.max(most, open.size)
      signal.addEventListener('abort', () => resolve({ kind: 'stopped' }))
      return promise.finally(() => open.delete(attempt.executionId))
    }),
    warn() {},
    warm: async () => false,
    stop: async () => {},
  }
  return {
    runner,
    running: () => [...open.keys()],
    most: () => most,
    end: (id: string) => open.get(id)?.({ kind: 'returned', result: '1' }),
  }
}
