// One sleeper, many who may wake it. A ring while nobody sleeps is remembered, so that nothing is missed between a look and
// the sleep after it.

export interface Bell {
  ring(): void
  /** Resolves at the next ring, at one since the last wait, or after `ms`. */
  wait(ms: number): Promise<void>
}

export function createBell(): Bell {
  let rung = false
  let wake: (() => void) | null = null
  return {
    ring() {
      rung = true
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
    },
  }
}
