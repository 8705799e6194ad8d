// How soon the connections of a pool are opened again after each other's failures: at once after a loss, then in longer and longer
// steps while nothing answers there. The driver's own count of them stands still: our sockets tell it of no error (open-socket.ts).

export interface Attempts {
  failed(): void
  succeeded(): void
  /** Before the next. */
  waitSeconds(): number
}

const firstSeconds = 0.05
const longestSeconds = 2

export function createAttempts(): Attempts {
  let failures = 0
  return {
    failed() {
      failures += 1
    },
    succeeded() {
      failures = 0
    },
    waitSeconds: () => (failures === 0 ? 0 : Math.min(longestSeconds, firstSeconds * 2 ** (failures - 1))),
  }
}
