// One sleeper, many who may wake it. A ring while nobody sleeps is remembered, so that nothing is missed between a look and
// the sleep after it. Whoever rings may say what about; what was said since the last wait is handed to the sleeper, as a hint.

export interface Bell {
  ring(about?: string): void
  /** Resolves at the next ring, at one since the last wait, or after `ms`. */
  wait(ms: number): Promise<string[]>
}

const mostHints = 10

export function createBell(): Bell {
  let rung = false
  let wake: (() => void) | null = null
  let hints = new Set<string>()
  return {
    ring(about) {
      rung = true
      if (about !== undefined && hints.size < mostHints) hints.add(about)
      wake?.()
    },
    async wait(ms) {
      if (!rung) {
        const { promise, resolve } = Promise.withResolvers<void>()
        const timer = setTimeout(resolve, ms)
        wake = resolve
        await promise
        clearTimeout(timer)
        wake = null
      }
      rung = false
      const about = [...hints]
      hints = new Set()
      return about
    },
  }
}
